#include "milter-dkim/secrets.h"

#include "common/error.h"
#include "common/log.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

/*
 * OpenSSL clears numbers of a private key, and not its DER and PEM as they
 * pass through its decoders.
 */
static void *wiping_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void wiping_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	if (memory != NULL)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void *wiping_realloc(void *old, size_t size, const char *file, int line)
{
	size_t had = old != NULL ? malloc_usable_size(old) : 0;
	void *memory;

	if (size == 0) {
		wiping_free(old, file, line);
		return NULL;
	}
	if (size <= had)
		return old;
	memory = malloc(size);
	if (memory == NULL)
		return NULL;
	if (old != NULL)
		memcpy(memory, old, had);
	wiping_free(old, file, line);
	return memory;
}

/* core(5): a debugger that writes a core heeds it, too. */
static void dump_no_memory(void)
{
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!write(fd, "0", 1);
	(void)close(fd);
}

int secrets_protect(struct error *err_r)
{
	const struct rlimit none = { .rlim_cur = 0 };

	/* First, since the file is root's once the process is not dumpable. */
	dump_no_memory();
	if (setrlimit(RLIMIT_CORE, &none) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set_as(err_r, EX_OSERR,
				    "core files can't be turned off: %s",
				    strerror(errno));
	if (CRYPTO_set_mem_functions(wiping_malloc, wiping_realloc,
				     wiping_free) != 1)
		return error_set_as(err_r, EX_SOFTWARE,
				    "OpenSSL does not take the functions that "
				    "wipe its memory");
	return 0;
}

#ifdef __x86_64__
/* Of whatever width the processor has. */
static void clear_registers(void)
{
	__asm__ volatile(".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n\t"
			 "pxor %%xmm\\n, %%xmm\\n\n\t"
			 ".endr" ::
				 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
				   "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
				   "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
				   "xmm15");
	if (__builtin_cpu_supports("avx"))
		__asm__ volatile("vzeroall");
	if (__builtin_cpu_supports("avx512f"))
		__asm__ volatile(".irp n, 16,17,18,19,20,21,22,23\n\t"
				 "vpxorq %zmm\\n, %zmm\\n, %zmm\\n\n\t"
				 ".endr\n\t"
				 ".irp n, 24,25,26,27,28,29,30,31\n\t"
				 "vpxorq %zmm\\n, %zmm\\n, %zmm\\n\n\t"
				 ".endr");
}
#else
/* Each size takes memcpy() another way through them. */
static void clear_registers(void)
{
	char from[8192] = "", to[8192];
	size_t size;

	for (size = 1; size <= sizeof(to); size *= 2) {
		memcpy(to, from, size);
		__asm__ volatile("" : : "r"(to) : "memory");
	}
}
#endif

/*
 * Vector registers keep what was copied last. A new thread begins with them,
 * lazy binding saves them to the stack, a debugger's core has them. So they
 * are cleared before anything is called.
 */
void secrets_forget(void)
{
	char stack[16384];

	clear_registers();
	explicit_bzero(stack, sizeof(stack));
}

/*
 * All of the process: OpenSSL puts parts of keys, such as Montgomery forms of
 * the primes, outside its secure heap. Pages are locked when they are touched,
 * or every stack would be whole in memory. With a limit, mapping memory would
 * fail sooner or later: of none at all, only CAP_IPC_LOCK makes something.
 */
void secrets_lock(void)
{
	const struct rlimit infinite = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit none = { .rlim_cur = 0 };

	if (setrlimit(RLIMIT_MEMLOCK, &infinite) < 0)
		(void)setrlimit(RLIMIT_MEMLOCK, &none);
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_warning("memory can't be locked, so keys may get into "
			    "swap: %s; set LimitMEMLOCK=infinity in the unit",
			    strerror(errno));
}
