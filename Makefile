# msgext - see CONTRIBUTING.md for the targets.

PREFIX ?= /usr/local
SYSCONFDIR ?= $(PREFIX)/etc
CGIDIR ?= $(PREFIX)/lib/cgi-bin
BINDIR = $(PREFIX)/bin
DOCDIR = $(PREFIX)/share/doc/msgext
MANDIR = $(PREFIX)/share/man
UNITDIR = $(PREFIX)/lib/systemd/system
COMPLETIONDIR = $(PREFIX)/share/bash-completion/completions
DESTDIR ?=
# It stands in base/base.h alone.
VERSION != sed -n 's/^.define MSGEXT_VERSION "\(.*\)"/\1/p' base/base.h

PKG_CONFIG ?= pkg-config
PACKAGES = libcjson libmd
CFLAGS ?= -O2 -g
WARNINGS = -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wvla
HARDEN_CFLAGS ?= -fstack-protector-strong -fPIE
HARDEN_CPPFLAGS ?= -D_FORTIFY_SOURCE=2
HARDEN_LDFLAGS ?= -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed

CONFIG_CPPFLAGS = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DSYSCONFDIR='"$(SYSCONFDIR)"'
PACKAGE_CFLAGS != $(PKG_CONFIG) --cflags $(PACKAGES) fcgi zlib
PACKAGE_LIBS != $(PKG_CONFIG) --libs $(PACKAGES)
FASTCGI_LIBS != $(PKG_CONFIG) --libs fcgi
ZLIB_LIBS != $(PKG_CONFIG) --libs zlib
LIBPQ_CFLAGS != $(PKG_CONFIG) --silence-errors --cflags libpq || true
CMOCKA_LIBS ?= -lcmocka
COMPILE = $(CC) $(CONFIG_CPPFLAGS) $(HARDEN_CPPFLAGS) $(CPPFLAGS) $(WARNINGS) $(HARDEN_CFLAGS) \
	$(PACKAGE_CFLAGS) $(CFLAGS)
LINK = $(CC) $(HARDEN_CFLAGS) $(CFLAGS) $(HARDEN_LDFLAGS) $(LDFLAGS)

# MACHINE=aarch64 builds the static programs for another kind of machine, below build/aarch64.
MACHINE != uname -m
STATIC = static
STATIC_BUILD = build/static
STATIC_CC = musl-gcc

# What the programs share is a library, of which each takes what it uses; beside it each has files of its own.
LIBRARY = $(wildcard base/*.c store/*.c log/*.c) json.c record.c shape.c parse.c parameters.c link.c names.c store.c batch.c wait.c mount.c settings.c config.c view_config.c \
	check.c cgi.c records.c management.c front.c body.c service.c
# What the static programs have in place of the C library's.
OF_STATIC = base/memory.c base/bytes.c
MSGEXT = msgext.c receive.c
MSGEXTCTL = $(wildcard ctl/*.c)
MSGEXT_SHIP = $(wildcard ship/*.c)
MSGEXT_VIEW = $(wildcard view/*.c)
MSGEXT_REPAIR = $(wildcard repair/*.c)
SOURCES = $(LIBRARY) $(MSGEXT) $(MSGEXTCTL) $(MSGEXT_SHIP) $(MSGEXT_VIEW) $(MSGEXT_REPAIR)
# What unit tests and fuzzers link besides the library.
TESTED = build/receive.o build/ctl/human.o build/ctl/print.o build/ctl/progress.o build/view.a build/repair.a
UNITS = $(patsubst tests/unit-%.c,%,$(sort $(wildcard tests/unit-*.c)))
UNIT_PROGRAMS = $(UNITS:%=build/tests/unit-%)
EXAMPLES = apache-example.conf lighttpd-example.conf nginx-example.conf msgext-example.conf view-example.conf
# What is fuzzed, from tests/fuzz/fuzz-NAME.c and tests/fuzz/corpus/NAME.
FUZZERS = body query config name tail fold line shape scan fastcgi link language address form cookie match erase compact alarm \
	repairs refused usersig records
FUZZ_SECONDS ?= 60
FUZZ_CFLAGS = -DSCAN_BUFFER=512 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
REPLAY_PROGRAMS = $(FUZZERS:%=build/tests/replay-%)
C_FILES = *.c *.h base/*.[ch] store/*.[ch] log/*.[ch] ctl/*.[ch] ship/*.[ch] view/*.[ch] repair/*.[ch] bench/*.c bench/*.h tests/*.c tests/*.h tests/fuzz/*.c tests/fuzz/*.h
SHELL_FILES = setup.sh .ci/run bench/*.sh tools/*.sh tests/*.sh tests/*.t tests/fuzz/*.sh tests/browser/*.sh \
	debian/tests/functions debian/tests/apache debian/tests/lighttpd debian/tests/repair debian/tests/systemd \
	debian/postinst debian/postrm debian/prerm debian/msgext-repair.prerm debian/msgext-ship.prerm

# msgext-ship is for those who have PostgreSQL's library.
SHIP != $(PKG_CONFIG) --exists libpq && echo build/msgext-ship || true

all: build/msgext build/msgextctl build/msgext-view build/msgext-repair $(SHIP)
	$(MADE)

# Tests refuse where a source is newer than this: than the beginning of the make that built what they test.
MADE = @touch -r build/begun build/made-$@

# What compilers and linkers are given: what is built is built anew when it changes.
VARIABLES = $(COMPILE) $(LIBPQ_CFLAGS) $(LINK) $(FASTCGI_LIBS) $(PACKAGE_LIBS) $(ZLIB_LIBS)
build/variables: Makefile FORCE
	@mkdir -p build
	@touch build/begun
	@echo '$(subst ','\'',$(VARIABLES))' | cmp -s - $@ || echo '$(subst ','\'',$(VARIABLES))' >$@
FORCE:

build/msgext: $(MSGEXT:%.c=build/%.o) build/library.a
	$(LINK) -o $@ $^ $(FASTCGI_LIBS) $(PACKAGE_LIBS)

build/msgextctl: $(MSGEXTCTL:%.c=build/%.o) build/library.a
	$(LINK) -pthread -o $@ $^ $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/msgext-view: build/view/msgext-view.o build/view.a build/library.a
	$(LINK) -o $@ $^ $(FASTCGI_LIBS) $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/msgext-repair: build/repair/msgext-repair.o build/repair.a build/library.a
	$(LINK) -o $@ $^ $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/msgext-ship: $(MSGEXT_SHIP:%.c=build/%.o) build/library.a
	$(LINK) -o $@ $^ $$($(PKG_CONFIG) --libs libpq) $(PACKAGE_LIBS)

# The C library's own allocator serves all but the static programs.
build/library.a: $(patsubst %.c,build/%.o,$(filter-out $(OF_STATIC),$(LIBRARY)))
	rm -f $@
	$(AR) rcs $@ $^

# The viewer's and the repairer's modules, of which a test takes what it uses.
build/view.a: $(patsubst %.c,build/%.o,$(filter-out view/msgext-view.c,$(MSGEXT_VIEW)))
	rm -f $@
	$(AR) rcs $@ $^

build/repair.a: $(patsubst %.c,build/%.o,$(filter-out repair/msgext-repair.c,$(MSGEXT_REPAIR)))
	rm -f $@
	$(AR) rcs $@ $^

# The pages' style as a header, with its hash.
build/view/style.h: view/style.css tools/style.sh
	@mkdir -p $(@D)
	sh tools/style.sh view/style.css >$@.new
	mv $@.new $@

build/view/layout.o $(STATIC_BUILD)/objects/view/layout.o: build/view/style.h

build/ship/engine.o: COMPILE += $(LIBPQ_CFLAGS)

# -MMD: the compiler says which headers a file includes, for the next make.
build/%.o: %.c build/variables
	@mkdir -p $(@D)
	$(COMPILE) -I. -MMD -MP -c -o $@ $<

build/tests/unit-%: build/tests/unit-%.o $(TESTED) build/library.a
	$(LINK) -o $@ $^ $(FASTCGI_LIBS) $(PACKAGE_LIBS) $(ZLIB_LIBS) $(CMOCKA_LIBS)

print-variable:
	@echo '$($(VARIABLE))'

# Their functions stand between the modules and the C library.
WRAPPED = open64 openat64 fcntl64 fstat64 fstatat64 stat64 fdatasync fsync ftruncate64 pread64 read opendir \
	rename malloc calloc realloc close write
build/tests/unit-faults: private LDFLAGS += $(WRAPPED:%=-Wl,--wrap=%) $(CLOCK_WRAPPED:%=-Wl,--wrap=%)
WRAPPED_LOG = $(WRAPPED) lstat64 access unlink unlinkat fchmod futimens lseek64 dup pipe2 fork readdir64 fopen64 \
	fdopen fflush fclose gzdopen gzfwrite gzputc gzread gzrewind gzclose reallocarray strdup strndup open_memstream
build/tests/unit-faults-log: private LDFLAGS += $(WRAPPED_LOG:%=-Wl,--wrap=%)
build/tests/unit-html build/tests/unit-result build/tests/unit-window: private LDFLAGS += $(VIEW_WRAPPED:%=-Wl,--wrap=%)
VIEW_WRAPPED = malloc calloc realloc strdup

# Of a few lines a history drops what it does not need, as of many.
build/tests/unit-result: build/tests/unit-result.o build/tests/history-small.o $(TESTED) build/library.a
	$(LINK) -o $@ $^ $(FASTCGI_LIBS) $(PACKAGE_LIBS) $(ZLIB_LIBS) $(CMOCKA_LIBS)

build/tests/history-small.o: view/history.c build/variables
	@mkdir -p build/tests
	$(COMPILE) -DHISTORY_LINES=8 -I. -MMD -MP -c -o $@ $<

build/tests/unit-alarms: private LDFLAGS += -Wl,--wrap=alarm_facts_read -Wl,--wrap=alarm_state_glance
build/tests/unit-alarm build/tests/unit-growth: private LDFLAGS += -Wl,--wrap=space_look
build/tests/unit-space: private LDFLAGS += $(SPACE_WRAPPED:%=-Wl,--wrap=%)
SPACE_WRAPPED = fstatvfs64 fstat64 syscall fopen64
build/tests/unit-short-json: private LDFLAGS += -Wl,--wrap=fault_set
build/tests/unit-replaced: private LDFLAGS += $(REPLACED_WRAPPED:%=-Wl,--wrap=%)
build/tests/unit-sockets: private LDFLAGS += $(SOCKETS_WRAPPED:%=-Wl,--wrap=%)
build/tests/unit-batch: private LDFLAGS += $(CLOCK_WRAPPED:%=-Wl,--wrap=%)
build/tests/unit-wait: private LDFLAGS += $(WAIT_WRAPPED:%=-Wl,--wrap=%)
WAIT_WRAPPED = socket listen connect accept4 getsockopt poll send recv
CLOCK_WRAPPED = clock_milliseconds nanosleep poll
build/tests/unit-order: private LDFLAGS += $(ORDER_WRAPPED:%=-Wl,--wrap=%)
ORDER_WRAPPED = listen connect accept4 sendmsg send shutdown poll nanosleep clock_milliseconds setitimer fsync fdatasync \
	write ftruncate64 close fcntl64
SOCKETS_WRAPPED = socket bind listen connect accept4 getsockopt shutdown poll sendmsg recvmsg send recv \
	clock_milliseconds nanosleep
REPLACED_WRAPPED = openat64 fcntl64 fstat64 fstatat64 statfs64 fdatasync fsync ftruncate64 pread64 rename unlink write

build/tests/hammer: build/tests/hammer.o build/library.a
	$(LINK) -o $@ $^ $(PACKAGE_LIBS) $(ZLIB_LIBS)

# msgextctl's files with a main of the test's.
build/tests/ctl-server: build/tests/ctl-server.o build/tests/ctl-main.o $(filter-out build/ctl/msgextctl.o,$(MSGEXTCTL:%.c=build/%.o)) \
    build/library.a
	$(LINK) -o $@ $^ $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/tests/ctl-main.o: ctl/msgextctl.c build/variables
	@mkdir -p $(@D)
	$(COMPILE) -Dmain=msgextctl_main -Wno-missing-prototypes -I. -MMD -MP -c -o $@ $<

build/tests/pages: build/tests/pages.o build/view.a build/library.a
	$(LINK) -o $@ $^ $(PACKAGE_LIBS) $(ZLIB_LIBS)

# The same without batches: what waits for the lock as an older build does.
build/tests/hammer-alone: build/tests/hammer.o build/tests/batch-alone.o build/library.a
	$(LINK) -o $@ $^ $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/tests/msgext-alone: $(MSGEXT:%.c=build/%.o) build/tests/batch-alone.o build/library.a
	$(LINK) -o $@ $^ $(FASTCGI_LIBS) $(PACKAGE_LIBS)

build/tests/batch-alone.o: batch.c build/variables
	@mkdir -p $(@D)
	$(COMPILE) -DMSGEXT_WITHOUT_BATCHES -I. -MMD -MP -c -o $@ $<

build/tests/recorder build/tests/remembering: build/tests/%: tests/%.c
	@mkdir -p build/tests
	$(CC) $(WARNINGS) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -O2 -o $@ $< \
	    $$($(PKG_CONFIG) --cflags --libs fuse3)

build/tests/killed: tests/killed.c
	@mkdir -p build/tests
	$(CC) $(WARNINGS) -D_GNU_SOURCE -O2 -o $@ $<

build/tests/usersig: build/tests/usersig.o build/repair/usersig.o build/library.a
	$(LINK) -o $@ $^ $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/tests/failmalloc.so build/tests/steps.so build/tests/clock-ahead.so build/tests/meanwhile.so build/tests/nothreads.so: build/tests/%.so: tests/%.c
	@mkdir -p build/tests
	$(CC) $(WARNINGS) -Wno-missing-prototypes -D_GNU_SOURCE -O2 -shared -fPIC -o $@ $<

build/tests/replay-%: build/tests/fuzz/fuzz-%.o build/tests/fuzz/replay.o $(TESTED) build/library.a
	$(LINK) -o $@ $^ $(FASTCGI_LIBS) $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/fuzz/%: build/fuzz/tests/fuzz/fuzz-%.o build/fuzz/library.a
	clang $(FUZZ_CFLAGS) -o $@ $^ $(FASTCGI_LIBS) $(PACKAGE_LIBS) $(ZLIB_LIBS)

build/fuzz/library.a: $(patsubst %.c,build/fuzz/%.o,$(filter-out $(OF_STATIC),$(LIBRARY)) receive.c ctl/human.c ctl/print.c ctl/progress.c \
    $(filter-out view/msgext-view.c,$(MSGEXT_VIEW)) $(filter-out repair/msgext-repair.c,$(MSGEXT_REPAIR)))
	rm -f $@
	$(AR) rcs $@ $^

build/fuzz/view/layout.o: build/view/style.h

build/fuzz/%.o: %.c build/variables
	@mkdir -p $(@D)
	clang $(CONFIG_CPPFLAGS) $(PACKAGE_CFLAGS) $(FUZZ_CFLAGS) -I. -MMD -MP -c -o $@ $<

# Programs that need nothing of the machine they run on, the same bytes wherever they are built.
# No PIE, which musl-gcc cannot link statically: their own code is at a fixed address.
STATIC_CFLAGS = -O2 -fno-pie -fno-builtin-malloc -fstack-protector-strong -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables
STATIC_COMPILE = $(STATIC_CC) $(CONFIG_CPPFLAGS) -DMSGEXT_PATCHED_LIBFCGI $(WARNINGS) $(STATIC_CFLAGS) \
	-isystem $(STATIC_BUILD)/include -I.
STATIC_LINK = $(STATIC_COMPILE) -static -no-pie -s -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,-z,noseparate-code
CROSS = STATIC=build/$(MACHINE)/static STATIC_BUILD=build/$(MACHINE) STATIC_CC=build/$(MACHINE)/musl-gcc \
	HEADERS=$(CURDIR)/build/$(MACHINE)/root/usr/include AR=$(MACHINE)-linux-gnu-ar
HEADERS = /usr/include
NATIVE != uname -m

ifeq ($(MACHINE),$(NATIVE))
static: static-programs
else
static: build/$(MACHINE)/musl-gcc
	$(MAKE) $(CROSS) static-programs
endif

static-programs: $(STATIC)/msgext $(STATIC)/msgextctl $(STATIC)/msgext-view $(STATIC)/msgext-repair

build/$(MACHINE)/musl-gcc: tools/cross.sh tools/apt.sh
	sh tools/cross.sh $(MACHINE) $(@D)

$(STATIC_BUILD)/variables: Makefile FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(STATIC_VARIABLES))' | cmp -s - $@ || echo '$(subst ','\'',$(STATIC_VARIABLES))' >$@
STATIC_VARIABLES = $(STATIC_COMPILE) $(STATIC_LINK)

$(STATIC_BUILD)/done: tools/libraries.sh tools/apt.sh $(wildcard tools/*.patch) Makefile
	CC=$(STATIC_CC) CFLAGS='$(STATIC_CFLAGS)' HEADERS=$(HEADERS) sh tools/libraries.sh $(STATIC_BUILD)
	touch $@

$(STATIC_BUILD)/objects/%.o: %.c $(STATIC_BUILD)/done $(STATIC_BUILD)/variables
	@mkdir -p $(@D)
	$(STATIC_COMPILE) -MMD -MP -c -o $@ $<

$(STATIC_BUILD)/library.a: $(patsubst %.c,$(STATIC_BUILD)/objects/%.o,$(filter-out $(OF_STATIC),$(LIBRARY)))
	rm -f $@
	$(AR) rcsD $@ $^ $(STATIC_BUILD)/*.o

$(STATIC)/msgext: $(MSGEXT:%.c=$(STATIC_BUILD)/objects/%.o) $(STATIC_BUILD)/library.a
$(STATIC)/msgextctl: $(MSGEXTCTL:%.c=$(STATIC_BUILD)/objects/%.o) $(STATIC_BUILD)/library.a
$(STATIC)/msgext-view: $(MSGEXT_VIEW:%.c=$(STATIC_BUILD)/objects/%.o) $(STATIC_BUILD)/library.a
$(STATIC)/msgext-repair: $(MSGEXT_REPAIR:%.c=$(STATIC_BUILD)/objects/%.o) $(STATIC_BUILD)/library.a
# An allocator without locks, for the programs without threads, and copies of a few bytes; msgextctl has the C library's.
$(STATIC)/msgext $(STATIC)/msgext-view $(STATIC)/msgext-repair: $(OF_STATIC:%.c=$(STATIC_BUILD)/objects/%.o)
$(STATIC)/msgext $(STATIC)/msgextctl $(STATIC)/msgext-view $(STATIC)/msgext-repair:
	@mkdir -p $(STATIC)
	$(STATIC_LINK) -o $@ $(filter %.o,$^) $(STATIC_BUILD)/library.a

# What is uploaded to shared hosting: build/msgext-VERSION-linux-MACHINE.tar.gz.
release: static
	sh tools/release.sh $(VERSION) $(MACHINE)

# All that is downloaded of a release: build/downloads/.
downloads:
	sh tools/downloads.sh $(VERSION)

tests: all units helpers replays
	$(MADE)

# What tests/*.t run besides the programs.
helpers: build/tests/failmalloc.so build/tests/steps.so build/tests/clock-ahead.so build/tests/meanwhile.so build/tests/nothreads.so build/tests/pages build/tests/usersig \
    build/tests/ctl-server build/tests/killed build/tests/hammer build/tests/hammer-alone build/tests/msgext-alone build/tests/recorder \
    build/tests/remembering build/bench/load

# What fuzz.t runs.
replays: $(REPLAY_PROGRAMS)

units: $(UNIT_PROGRAMS)
	$(MADE)

# Two tests at a time, but for those that the rules keep apart.
PROVEFLAGS = -j2 --timer
export HARNESS_RULESFILE = tests/rules.yml

check-unit: units
	prove $(PROVEFLAGS) $(UNIT_PROGRAMS)

# tests/long-*.t take minutes each; they are run before a release.
LONG_TESTS = $(sort $(wildcard tests/long-*.t))

check: tests
	prove $(PROVEFLAGS) $(UNIT_PROGRAMS) $(filter-out $(LONG_TESTS),$(sort $(wildcard tests/*.t)))

check-long: tests
	prove $(PROVEFLAGS) $(LONG_TESTS)

# What check does in small, at length: some half an hour.
torture: tests
	MSGEXT_TORTURE=1 MSGEXT_TEST_SECONDS=300 prove $(PROVEFLAGS) tests/power.t tests/device.t tests/kills.t \
	    tests/compact.t tests/burst.t tests/histories.t tests/sequences.t tests/view-numbers.t \
	    build/tests/unit-short-json build/tests/unit-short-texts build/tests/unit-short-lines
	DAY_SECONDS=3600 prove --timer tests/day.t

# Holds the contracts in the sources against the code, with Frama-C.
prove:
	sh tests/prove.sh

# Tries all that can happen in the models of the log's protocol, with spin.
model:
	sh tests/model.sh

# Breaks the program in many places; each break must be noticed by a test.
mutants: tests
	sh tests/mutants.sh

# Looks for inputs that break an invariant; tests/fuzz.t replays what was found.
fuzz: $(FUZZERS:%=build/fuzz/%)
	sh tests/fuzz/run.sh $(FUZZ_SECONDS) $(FUZZERS)

# A directory whose files are links to these, to be built in differently.
LINKED = sh tests/linked.sh

CTL_TESTS = $(sort $(wildcard tests/ctl-*.t))

# All tests but those whose own tools do not go together with the sanitizers':
# failing allocations, strace, limits.
SANITIZE_TESTS = $(CTL_TESTS) tests/cgi.t tests/corpus.t tests/servers.t tests/fastcgi.t tests/clients.t \
	tests/follow.t tests/tools.t tests/compact.t tests/race.t tests/kills.t tests/load.t \
	tests/from.t tests/ship.t tests/ship-wait.t tests/ship-engine.t tests/view.t tests/repair.t tests/repair-whole.t \
	tests/power.t tests/device.t
SANITIZE_CFLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all

sanitize:
	$(LINKED) build/sanitize
	LDFLAGS=tests/sanitize.c $(MAKE) -C build/sanitize CC=clang \
	    CFLAGS='$(SANITIZE_CFLAGS)' HARDEN_CPPFLAGS= tests
	cd build/sanitize && ASAN_OPTIONS=detect_leaks=1 prove $(PROVEFLAGS) $(UNIT_PROGRAMS) tests/fuzz.t
	cd build/sanitize && MSGEXT_SANITIZED=1 prove $(PROVEFLAGS) $(SANITIZE_TESTS)

# Do two threads of the reader touch the same memory?
sanitize-threads:
	$(LINKED) build/sanitize-threads
	$(MAKE) -C build/sanitize-threads CC=clang CFLAGS='-O1 -g -fsanitize=thread' HARDEN_CPPFLAGS= \
	    build/msgext build/msgextctl build/tests/nothreads.so
	cd build/sanitize-threads && touch build/made-all build/made-tests && MSGEXT_SANITIZED=1 \
	    TSAN_OPTIONS=exitcode=99 prove tests/ctl-threads.t

# How many lines and branches of these the tests reach: fails below 100 % of a file's lines and 95 % of its
# branches, or below the floor that tests/coverage has for it.
COVERED = json.c shape.c record.c parameters.c names.c link.c body.c parse.c store.c receive.c batch.c wait.c config.c view_config.c settings.c base/space.c $(wildcard store/*.c log/*.c) \
	ctl/parts.c ctl/fold.c ctl/keep.c ctl/erase.c $(MSGEXT_SHIP) $(MSGEXT_REPAIR) $(MSGEXT_VIEW)
COVERAGE_TESTS = $(CTL_TESTS) $(patsubst %,tests/%.t,alarm attack backup cgi check clients compact corpus errors fastcgi \
	faults faults-fastcgi follow from full import lines malloc older pages probe race refused repair repair-options repair-whole \
	replaced ship ship-engine ship-erase ship-network ship-wait space view view-check view-numbers view-pages view-safety)
COVERAGE_CFLAGS = -O1 -g -fprofile-instr-generate=$(CURDIR)/build/coverage/profiles/%m%c.profraw -fcoverage-mapping \
	-fprofile-update=atomic -mllvm -runtime-counter-relocation -Wno-unused-command-line-argument

# But for those that take long where each line is counted, and reach what others do.
COVERAGE_UNITS = $(filter-out $(patsubst %,build/tests/unit-%,print short-json short-lines short-texts),$(UNIT_PROGRAMS))

coverage:
	$(LINKED) build/coverage
	mkdir -p build/coverage/profiles
	$(MAKE) -C build/coverage CC=clang CFLAGS='$(COVERAGE_CFLAGS)' HARDEN_CPPFLAGS= all units helpers
	touch build/coverage/build/made-tests
	COVERED='$(COVERED)' PROVEFLAGS='$(PROVEFLAGS)' sh tests/coverage.sh build/coverage $(COVERAGE_UNITS) \
	    $(COVERAGE_TESTS)

# The sources of the last commit.
dist:
	@mkdir -p build
	git -c tar.umask=0002 archive --prefix=msgext-$(VERSION)/ -o build/msgext-$(VERSION).tar HEAD
	gzip -9nf build/msgext-$(VERSION).tar

distcheck: dist
	sh tests/dist.sh build/msgext-$(VERSION).tar.gz

# The Debian package's life, in a machine of its own; needs debootstrap and systemd-container.
debian-trial:
	sh tests/debian-root.sh

# The README's picture.
picture: all
	sh tools/picture.sh >tools/tally.svg

# The README's pictures of the viewer.
screenshots: all
	sh tools/screenshots.sh tools/pictures

# valgrind 3.19 lets no signal end the wait for a lock of Linux's own kind: here they are POSIX's.  And what is
# done with lines that are too long takes a tenth of the time where a line is too long with a tenth of the bytes.
WAITING_UNITS = compact faults-log receive store

valgrind: tests
	$(LINKED) build/posix-locks
	$(MAKE) -C build/posix-locks CPPFLAGS='-DMSGEXT_WITHOUT_OFD_LOCKS -DLINE_SIZE_MAX=1048576' units UNITS='$(WAITING_UNITS)'
	sh tests/valgrind.sh $(WAITING_UNITS)

# Ratios against references that are built here or are Debian's; see bench/bench.py.
BENCH_PROGRAMS = build/bench/load build/bench/null-append build/bench/null-fastcgi build/bench/null-cgi \
	build/bench/null-cgi-append build/bench/null-cgi-get build/bench/chosen build/bench/null-read build/bench/spawn
BENCH =

build/bench/%: bench/%.c
	@mkdir -p build/bench
	$(CC) $(WARNINGS) $(CONFIG_CPPFLAGS) -I. -O2 -o $@ $< $(LDLIBS)

build/bench/null-fastcgi: LDLIBS = $(FASTCGI_LIBS)
build/bench/load build/bench/spawn: tests/times.h
build/bench/null-append build/bench/null-fastcgi build/bench/null-cgi build/bench/null-cgi-append build/bench/null-cgi-get: bench/append.h

build/bench/null-cgi build/bench/null-cgi-append build/bench/null-cgi-get: bench/null-cgi.c
	@mkdir -p build/bench
	musl-gcc $(WARNINGS) $(CONFIG_CPPFLAGS) $(NULL_CPPFLAGS) -O2 -static -s -o $@ $<
build/bench/null-cgi-append: NULL_CPPFLAGS = -DAPPEND
build/bench/null-cgi-get: NULL_CPPFLAGS = -DGET

bench: all static build/tests/hammer build/tests/hammer-alone build/tests/recorder $(BENCH_PROGRAMS)
	python3 bench/bench.py $(BENCH)

# The rows with a goal into the manual, as they were measured: it has the numbers from here alone.
bench-readme: all static build/tests/hammer build/tests/hammer-alone build/tests/recorder $(BENCH_PROGRAMS)
	-python3 bench/bench.py $(BENCH)
	python3 bench/goals.py doc/speed.md

# The paths in what is installed are those of the installation.
RELOCATE = sed -e 's|/usr/local/lib/cgi-bin|$(CGIDIR)|g' -e 's|/usr/local/etc|$(SYSCONFDIR)|g' \
	-e 's|/usr/local|$(PREFIX)|g'
DOCS = $(wildcard README.md README.*.md doc/*.md)
INSTALLED = $(BINDIR)/msgext $(BINDIR)/msgextctl $(BINDIR)/msgext-view $(BINDIR)/msgext-repair $(SHIP:build/%=$(BINDIR)/%) \
	$(CGIDIR)/msgext $(CGIDIR)/msgext-view $(COMPLETIONDIR)/msgextctl \
	$(patsubst dist/systemd/%,$(UNITDIR)/%,$(wildcard dist/systemd/*)) \
	$(foreach section,1 5 8,$(patsubst man/%,$(MANDIR)/man$(section)/%,$(wildcard man/*.$(section)))) \
	$(patsubst %,$(DOCDIR)/%,$(DOCS) CHANGES LICENSE $(EXAMPLES) $(notdir $(wildcard dist/contrib/*)))

install: all
	install -d $(DESTDIR)$(SYSCONFDIR)/msgext $(sort $(dir $(INSTALLED:%=$(DESTDIR)%)))
	install -m 755 build/msgext build/msgextctl build/msgext-view build/msgext-repair $(SHIP) $(DESTDIR)$(BINDIR)
	install -m 755 build/msgext build/msgext-view $(DESTDIR)$(CGIDIR)
	install -m 644 dist/completion/msgextctl $(DESTDIR)$(COMPLETIONDIR)
	install -m 644 CHANGES LICENSE dist/contrib/* $(DESTDIR)$(DOCDIR)
	for file in $(DOCS) $(EXAMPLES); do $(RELOCATE) $$file >$(DESTDIR)$(DOCDIR)/$$file; done
	for file in dist/systemd/*; do $(RELOCATE) $$file >$(DESTDIR)$(UNITDIR)/$${file##*/}; done
	for file in man/*; do $(RELOCATE) $$file >$(DESTDIR)$(MANDIR)/man$${file##*.}/$${file#*/}; done
	chmod 644 $(filter $(DESTDIR)$(DOCDIR)/% $(DESTDIR)$(UNITDIR)/% $(DESTDIR)$(MANDIR)/%,$(INSTALLED:%=$(DESTDIR)%))

uninstall:
	rm -f $(INSTALLED:%=$(DESTDIR)%)
	rmdir $(DESTDIR)$(DOCDIR)/doc $(DESTDIR)$(DOCDIR)

lint: lint-compile build/view/style.h
	clang-format --dry-run --Werror $(C_FILES)
	clang-tidy --quiet $(SOURCES) -- $(CONFIG_CPPFLAGS) $(WARNINGS) -I. $(PACKAGE_CFLAGS) $(LIBPQ_CFLAGS) \
	    2>/dev/null
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	    -U__has_include --suppress=ctuuninitvar $(SOURCES)
	sh tools/floors.sh
	sh tests/mutants.sh -n
	shellcheck $(SHELL_FILES)
	! for file in man/*; do mandoc -T lint $$file; done 2>&1 | grep -v 'manual not found\|outdated mandoc.db'

# Both compilers, every warning an error; nothing is kept.
lint-compile: build/view/style.h
	for compiler in gcc clang; do for file in $(SOURCES); do \
	    $$compiler $(CONFIG_CPPFLAGS) $(HARDEN_CPPFLAGS) $(WARNINGS) -I. -O2 -Werror \
		$(PACKAGE_CFLAGS) $(LIBPQ_CFLAGS) -c -o /dev/null $$file || exit 1; \
	done; done

clean:
	rm -rf build static

# Objects are kept.
.SECONDARY:

-include $(shell find build -name '*.d' 2>/dev/null)

.PHONY: FORCE print-variable all static static-programs release downloads tests helpers replays units check check-unit check-long torture prove model mutants fuzz sanitize sanitize-threads coverage valgrind picture screenshots dist distcheck debian-trial bench bench-readme install uninstall lint lint-compile clean
