/*
 * Sends messages to a milter as so many processes of Postfix at a time do, and
 * prints how fast that went and what the milter took for it, as JSON.
 *
 * Each connection is a thread that waits for every answer. Without a rate the
 * next message follows at once; with one, messages are due at even distances
 * whether or not the ones before are answered, and their latency counts from
 * then.
 */
#include "common/mem.h"
#include "tests/bench/mta.h"
#include "tests/bench/people.h"
#include "tests/bench/usage.h"

#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000U /* ns */

struct options {
	size_t connections; /* at a time */
	size_t messages;    /* in all */
	size_t each;	    /* messages a connection */
	size_t rate;	    /* messages a second, 0: as fast as they go */
	size_t body_octets;
	size_t references_octets; /* in one header field more */
	pid_t pid;
	const char *socket_path;
	const char *people_path;
};

struct load {
	struct options options;
	struct people people;
	char *body;
	char *references;
	uint64_t start;
	atomic_size_t begun;
	atomic_size_t answers[MTA_ANSWER_COUNT];
	uint64_t *latencies; /* ns, by message */
};

static uint64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void wait_until(uint64_t when)
{
	const struct timespec time = { .tv_sec = (time_t)(when / SECOND),
				       .tv_nsec = (long)(when % SECOND) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) !=
	       0)
		continue;
}

/* As a mail client of today writes one. */
static enum mta_answer
send_message(const struct load *load, struct mta *mta, size_t number)
{
	const struct person *person =
		&load->people.persons[number % load->people.count];
	char *from = mem_printf("Anna Berg <%s>", person->address);
	char *id = mem_printf("4bQ%08zuzB", number);
	char *message_id = mem_printf("<%zu.1763769600@example.org>", number);
	const struct mta_field fields[] = {
		{ "Message-ID", message_id },
		{ "Date", "Sun, 22 Nov 2026 01:02:03 +0000" },
		{ "MIME-Version", "1.0" },
		{ "User-Agent", "Mozilla Thunderbird" },
		{ "Content-Language", "en-US" },
		{ "To", "Max Mustermann <max@example.net>" },
		{ "From", from },
		{ "Subject", "Minutes of the meeting on Friday" },
		{ "Content-Type", "text/plain; charset=UTF-8; format=flowed" },
		{ "Content-Transfer-Encoding", "8bit" },
		{ "References", load->references },
	};
	const struct mta_message message = {
		.queue_id = id,
		.login = person->login,
		.mail_from = person->address,
		.fields = fields,
		.count = sizeof(fields) / sizeof(fields[0]),
		.body = load->body,
		.body_len = load->options.body_octets,
	};
	enum mta_answer answer = mta_send(mta, &message);

	mem_free_string(&from);
	mem_free_string(&id);
	mem_free_string(&message_id);
	return answer;
}

/* The start of this one's latency. */
static uint64_t wait_turn(const struct load *load, size_t number)
{
	uint64_t due;

	if (load->options.rate == 0)
		return now();
	due = load->start + (uint64_t)number * SECOND / load->options.rate;
	wait_until(due);
	return due;
}

static void *send_messages(void *arg)
{
	struct load *load = arg;
	size_t number, sent = 0;
	struct mta mta;

	while ((number = atomic_fetch_add(&load->begun, 1)) <
	       load->options.messages) {
		uint64_t start = wait_turn(load, number);
		enum mta_answer answer;

		if (sent == 0)
			mta_open(&mta, load->options.socket_path);
		answer = send_message(load, &mta, number);
		load->latencies[number] = now() - start;
		(void)atomic_fetch_add(&load->answers[answer], 1);
		if (++sent == load->options.each) {
			mta_close(&mta);
			sent = 0;
		}
	}
	if (sent > 0)
		mta_close(&mta);
	return NULL;
}

static void run_threads(struct load *load)
{
	size_t i, count = load->options.connections;
	pthread_t *threads = mem_array(count, sizeof(*threads));

	for (i = 0; i < count; i++) {
		if (pthread_create(&threads[i], NULL, send_messages, load) != 0)
			errx(EX_OSERR, "no thread can be had");
	}
	for (i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	free(threads);
}

static int compare(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return one < other ? -1 : one > other;
}

/* The latency that so many of a hundred do not exceed: us. */
static double percentile(const struct load *load, size_t hundredths)
{
	size_t count = load->options.messages;
	size_t rank = (count * hundredths + 99) / 100;

	return (double)load->latencies[rank > 0 ? rank - 1 : 0] / 1e3;
}

static void print_negotiated(const char *socket_path)
{
	struct mta mta;
	int stage;

	mta_open(&mta, socket_path);
	(void)printf("\"actions\": %u, \"steps\": %u, \"macros\": [",
		     mta.actions, mta.steps);
	for (stage = 0; stage < MTA_STAGES; stage++)
		(void)printf("%s\"%s\"", stage > 0 ? ", " : "",
			     mta.macros[stage]);
	(void)printf("]");
	mta_close(&mta);
}

static void run(struct load *load)
{
	const struct options *options = &load->options;
	uint64_t cpu = usage_cpu(options->pid), time;
	struct usage_memory memory;

	load->start = now();
	run_threads(load);
	time = now() - load->start;
	cpu = usage_cpu(options->pid) - cpu;
	memory = usage_memory(options->pid);
	qsort(load->latencies, options->messages, sizeof(*load->latencies),
	      compare);
	(void)printf("{\"accepted\": %zu, \"rejected\": %zu, \"deferred\": "
		     "%zu, ",
		     atomic_load(&load->answers[MTA_ACCEPTED]),
		     atomic_load(&load->answers[MTA_REJECTED]),
		     atomic_load(&load->answers[MTA_DEFERRED]));
	(void)printf("\"messages_per_second\": %.0f, \"cpu_us\": %.2f, ",
		     (double)options->messages * SECOND / (double)time,
		     (double)cpu / 1e3 / (double)options->messages);
	(void)printf("\"p50_us\": %.1f, \"p99_us\": %.1f, ",
		     percentile(load, 50), percentile(load, 99));
	(void)printf("\"anonymous_kib\": %ld, \"file_kib\": %ld, ",
		     memory.anonymous, memory.file);
	print_negotiated(options->socket_path);
	(void)printf("}\n");
}

static void __attribute__((noreturn)) usage(void)
{
	(void)fprintf(
		stderr,
		"usage: milter-load [-c CONNECTIONS] [-e MESSAGES] [-n "
		"MESSAGES]"
		" [-r RATE]\n"
		"                   [-s OCTETS] [-x OCTETS] PID SOCKET PEOPLE\n"
		"  -c CONNECTIONS  at a time (8)\n"
		"  -e MESSAGES     in each connection (1)\n"
		"  -n MESSAGES     in all (10000)\n"
		"  -r RATE         messages a second (as fast as they go)\n"
		"  -s OCTETS       of body (4096)\n"
		"  -x OCTETS       in one more header field (64)\n"
		"  PID             the milter, whose use of processor and"
		" memory counts\n"
		"  PEOPLE          a file of lines LOGIN ADDRESS, used in"
		" turn\n");
	exit(EX_USAGE);
}

/* Lines of text, as most of what is sent has them. */
static char *make_body(size_t len)
{
	static const char line[] = "It was agreed that the next meeting is "
				   "on Friday, at the usual place.\r\n";
	char *body = mem_alloc(len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		body[i] = line[i % (sizeof(line) - 1)];
	return body;
}

static size_t read_number(const char *text, size_t min)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end == text || *end != '\0' || number < (long)min)
		usage();
	return (size_t)number;
}

static void read_options(struct options *options_r, int argc, char **argv)
{
	int option;

	*options_r = (struct options){ .connections = 8,
				       .messages = 10000,
				       .each = 1,
				       .body_octets = 4096,
				       .references_octets = 64 };
	while ((option = getopt(argc, argv, "c:e:n:r:s:x:")) >= 0) {
		if (option == 'c')
			options_r->connections = read_number(optarg, 1);
		else if (option == 'e')
			options_r->each = read_number(optarg, 1);
		else if (option == 'n')
			options_r->messages = read_number(optarg, 1);
		else if (option == 'r')
			options_r->rate = read_number(optarg, 0);
		else if (option == 's')
			options_r->body_octets = read_number(optarg, 0);
		else if (option == 'x')
			options_r->references_octets = read_number(optarg, 0);
		else
			usage();
	}
	if (argc - optind != 3)
		usage();
	options_r->pid = (pid_t)read_number(argv[optind], 1);
	options_r->socket_path = argv[optind + 1];
	options_r->people_path = argv[optind + 2];
}

int main(int argc, char **argv)
{
	struct load load = { .body = NULL };

	read_options(&load.options, argc, argv);
	people_read(&load.people, load.options.people_path);
	load.body = make_body(load.options.body_octets);
	load.references = mem_alloc(load.options.references_octets + 1);
	memset(load.references, 'x', load.options.references_octets);
	load.latencies =
		mem_array(load.options.messages, sizeof(*load.latencies));
	run(&load);
	free(load.latencies);
	mem_free_string(&load.references);
	mem_free_string(&load.body);
	people_release(&load.people);
	return EX_OK;
}
