# Everything of ours links countersign::warnings; foreign headers come in as
# SYSTEM.
add_library(countersign_warnings INTERFACE)
add_library(countersign::warnings ALIAS countersign_warnings)
target_compile_options(countersign_warnings INTERFACE
	-Wall -Wextra -Wformat=2 -Wshadow -Wundef -Wvla -Wwrite-strings
	-Wpointer-arith -Wcast-qual -Wold-style-definition -Wstrict-prototypes
	-Wmissing-prototypes -Wredundant-decls -Wswitch-enum
	-Wimplicit-fallthrough -Wnull-dereference
	$<$<C_COMPILER_ID:GNU>:-Wduplicated-cond -Wduplicated-branches
		-Wlogical-op -Wjump-misses-init>
	$<$<BOOL:${COUNTERSIGN_WERROR}>:-Werror>)
target_compile_definitions(countersign_warnings INTERFACE _GNU_SOURCE)
target_include_directories(countersign_warnings INTERFACE
	"${CMAKE_SOURCE_DIR}")

if(COUNTERSIGN_SANITIZE)
	target_compile_options(countersign_warnings INTERFACE
		-fsanitize=${COUNTERSIGN_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(countersign_warnings INTERFACE
		-fsanitize=${COUNTERSIGN_SANITIZE})
endif()

# Coverage of the code under test is what guides libFuzzer.
if(COUNTERSIGN_FUZZ)
	target_compile_options(countersign_warnings INTERFACE
		-fsanitize=fuzzer-no-link)
endif()
