find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)

# Neither ships a .pc file.
find_library(UNISTRING_LIBRARY unistring REQUIRED)
find_library(MILTER_LIBRARY milter REQUIRED)
find_package(Dovecot REQUIRED)
