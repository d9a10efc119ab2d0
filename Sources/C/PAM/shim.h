#if !__has_include(<security/pam_appl.h>)
#error "PAM's header is missing: apt-get install libpam0g-dev"
#endif
#include <security/pam_appl.h>
