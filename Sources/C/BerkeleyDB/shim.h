#if !__has_include(<db.h>)
#error "Berkeley DB's header is missing: apt-get install libdb5.3-dev"
#endif
#include <db.h>
