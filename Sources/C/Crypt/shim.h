#if !__has_include(<crypt.h>)
#error "libcrypt's header is missing: apt-get install libcrypt-dev"
#endif
#include <crypt.h>
