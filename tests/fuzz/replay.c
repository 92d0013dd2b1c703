/*
 * Hands the files of a folder to a fuzz target, one by one: the seeds, in
 * builds that have no libFuzzer.
 *
 * usage: NAME-fuzz FOLDER
 */
#include "tests/fuzz/fuzz.h"

#include "common/mem.h"

#include <dirent.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

#define SEED_MAX 65536

static bool replay(const char *path)
{
	unsigned char *data = mem_alloc(SEED_MAX);
	FILE *file = fopen(path, "re");
	bool whole = false;
	size_t len;

	if (file != NULL) {
		len = fread(data, 1, SEED_MAX, file);
		whole = ferror(file) == 0;
		(void)fclose(file);
		if (whole)
			(void)LLVMFuzzerTestOneInput(data, len);
	}
	free(data);
	return whole;
}

int main(int argc, char **argv)
{
	const struct dirent *entry;
	unsigned int count = 0;
	DIR *folder;

	if (argc != 2)
		return EX_USAGE;
	folder = opendir(argv[1]);
	if (folder == NULL) {
		perror(argv[1]);
		return EX_NOINPUT;
	}
	while ((entry = readdir(folder)) != NULL) {
		char *path = mem_printf("%s/%s", argv[1], entry->d_name);

		if (entry->d_name[0] != '.' && !replay(path)) {
			perror(path);
			return EX_NOINPUT;
		}
		count += entry->d_name[0] != '.';
		free(path);
	}
	(void)closedir(folder);
	(void)printf("%u seeds\n", count);
	return count > 0 ? EX_OK : EX_NOINPUT;
}
