# FindDovecot: the headers and the folders of the installed Dovecot, and
# countersign_dovecot_module(). Dovecot ships no .pc file: the folders are read
# from its dovecot-config, a file of shell assignments, and the versions from
# its config.h.
#
#   Dovecot::Dovecot     its headers, as SYSTEM includes
#   DOVECOT_MODULE_DIR   where its modules live, such as /usr/lib/dovecot/modules
#   DOVECOT_ABI          what a module's version must be, such as 2.3.ABIv19
#   DOVECOT_VERSION      such as 2.3.19.1
#   DOVECOT_SERIES       2.3 or 2.4: files of ours that end in -2.3 or -2.4 are
#                        for that one alone
find_file(DOVECOT_CONFIG dovecot-config
	PATHS /usr/lib /usr/local/lib PATH_SUFFIXES dovecot)
find_path(DOVECOT_INCLUDE_DIR client-common.h PATH_SUFFIXES dovecot)
mark_as_advanced(DOVECOT_CONFIG DOVECOT_INCLUDE_DIR)

if(DOVECOT_CONFIG)
	file(STRINGS "${DOVECOT_CONFIG}" found REGEX "^dovecot_moduledir=")
	string(REGEX REPLACE "^dovecot_moduledir=\"?([^\"]*)\"?$" "\\1"
		DOVECOT_MODULE_DIR "${found}")
endif()
if(DOVECOT_INCLUDE_DIR)
	file(STRINGS "${DOVECOT_INCLUDE_DIR}/config.h" found
		REGEX "^#define DOVECOT_(ABI_)?VERSION \"")
	if(found MATCHES "DOVECOT_ABI_VERSION \"([^\"(]+)")
		set(DOVECOT_ABI "${CMAKE_MATCH_1}")
	endif()
	if(DOVECOT_ABI MATCHES "^[0-9]+\\.[0-9]+")
		set(DOVECOT_SERIES "${CMAKE_MATCH_0}")
	endif()
	if(found MATCHES "DOVECOT_VERSION \"([^\"]+)\"")
		set(DOVECOT_VERSION "${CMAKE_MATCH_1}")
	endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Dovecot
	REQUIRED_VARS DOVECOT_MODULE_DIR DOVECOT_INCLUDE_DIR DOVECOT_ABI
	VERSION_VAR DOVECOT_VERSION)

if(Dovecot_FOUND AND NOT TARGET Dovecot::Dovecot)
	add_library(Dovecot::Dovecot INTERFACE IMPORTED)
	set_target_properties(Dovecot::Dovecot PROPERTIES
		INTERFACE_INCLUDE_DIRECTORIES "${DOVECOT_INCLUDE_DIR}"
		INTERFACE_COMPILE_DEFINITIONS HAVE_CONFIG_H)
endif()

# countersign_dovecot_module(NAME SUBDIR SOURCES...): NAME.so, installed in
# SUBDIR of Dovecot's modules ("auth", "login", "settings", "sieve"). It exports
# what Dovecot looks up by the file's name (without "lib" and a number that
# sorts it: lib90_sieve_x_plugin.so has sieve_x_plugin_load) and nothing else;
# what it takes from Dovecot is resolved by the process that loads it.
function(countersign_dovecot_module name subdir)
	string(REGEX REPLACE "^lib([0-9]+_)?" "" stem "${name}")
	set(exports "${CMAKE_CURRENT_BINARY_DIR}/${name}.map")
	file(CONFIGURE OUTPUT "${exports}" @ONLY CONTENT [=[
{
global:
	@stem@_version;
	@stem@_dependencies;
	@stem@_init;
	@stem@_deinit;
	@stem@_load;
	@stem@_unload;
	@stem@_set_infos;
local:
	*;
};
]=])
	add_library(${name} MODULE ${ARGN})
	target_link_libraries(${name} PRIVATE countersign::warnings
		Dovecot::Dovecot)
	target_link_options(${name} PRIVATE
		"LINKER:--version-script=${exports}" LINKER:--exclude-libs,ALL
		LINKER:--as-needed)
	set_target_properties(${name} PROPERTIES
		PREFIX ""
		C_VISIBILITY_PRESET default
		LINK_DEPENDS "${exports}")
	install(TARGETS ${name} DESTINATION "${DOVECOT_MODULE_DIR}/${subdir}")
endfunction()
