# msgext - see CONTRIBUTING.md for the targets.

PREFIX ?= /usr/local
SYSCONFDIR ?= $(PREFIX)/etc
CGIDIR ?= $(PREFIX)/lib/cgi-bin
BINDIR = $(PREFIX)/bin
DOCDIR = $(PREFIX)/share/doc/msgext
DESTDIR ?=

PKG_CONFIG ?= pkg-config
PACKAGES = fcgi libcjson libmd
CFLAGS ?= -O2 -g
WARNINGS = -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wvla
HARDEN_CFLAGS ?= -fstack-protector-strong -fPIE
HARDEN_CPPFLAGS ?= -D_FORTIFY_SOURCE=2
HARDEN_LDFLAGS ?= -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed

CONFIG_CPPFLAGS = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DSYSCONFDIR='"$(SYSCONFDIR)"'
PACKAGE_CFLAGS != $(PKG_CONFIG) --cflags $(PACKAGES)
PACKAGE_LIBS != $(PKG_CONFIG) --libs $(PACKAGES)
COMPILE = $(CC) $(CONFIG_CPPFLAGS) $(HARDEN_CPPFLAGS) $(CPPFLAGS) $(WARNINGS) $(HARDEN_CFLAGS) \
	$(PACKAGE_CFLAGS) $(CFLAGS)
LINK = $(CC) $(HARDEN_CFLAGS) $(CFLAGS) $(HARDEN_LDFLAGS) $(LDFLAGS)

CORE = fault.c json.c parse.c state.c store.c config.c receive.c
CORE_OBJECTS = $(CORE:%.c=build/%.o)
UNITS = json parse state store config receive
UNIT_PROGRAMS = $(UNITS:%=build/tests/unit-%)
EXAMPLES = apache-example.conf lighttpd-example.conf nginx-example.conf msgext-example.conf
C_FILES = *.c *.h tests/*.c tests/*.h
SHELL_FILES = setup.sh .ci/run tests/*.sh tests/*.t

all: build/msgext

build/msgext: build/msgext.o $(CORE_OBJECTS)
	$(LINK) -o $@ build/msgext.o $(CORE_OBJECTS) $(PACKAGE_LIBS)

build/%.o: %.c msgext.h Makefile
	@mkdir -p build
	$(COMPILE) -c -o $@ $<

build/tests/unit-%: tests/unit-%.c tests/unit.h msgext.h $(CORE_OBJECTS)
	@mkdir -p build/tests
	$(COMPILE) -I. -o $@ $< $(CORE_OBJECTS) $(HARDEN_LDFLAGS) $(LDFLAGS) $(PACKAGE_LIBS) -lcmocka

tests: build/msgext $(UNIT_PROGRAMS)

check: tests
	prove $(PROVEFLAGS) tests/*.t

install: build/msgext
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(CGIDIR) $(DESTDIR)$(SYSCONFDIR)/msgext \
	    $(DESTDIR)$(DOCDIR)
	install -m 755 build/msgext $(DESTDIR)$(BINDIR)/msgext
	install -m 755 build/msgext $(DESTDIR)$(CGIDIR)/msgext
	install -m 644 README.md CHANGES LICENSE $(EXAMPLES) $(DESTDIR)$(DOCDIR)

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/msgext $(DESTDIR)$(CGIDIR)/msgext
	rm -rf $(DESTDIR)$(DOCDIR)

lint: lint-compile
	clang-format --dry-run --Werror $(C_FILES)
	clang-tidy --quiet $(CORE) msgext.c -- $(CONFIG_CPPFLAGS) $(WARNINGS) $(PACKAGE_CFLAGS) \
	    2>/dev/null
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --error-exitcode=1 \
	    --suppress=ctuuninitvar $(CORE) msgext.c
	shellcheck $(SHELL_FILES)

# Both compilers, every warning an error; nothing is kept.
lint-compile:
	for compiler in gcc clang; do for file in $(CORE) msgext.c; do \
	    $$compiler $(CONFIG_CPPFLAGS) $(HARDEN_CPPFLAGS) $(WARNINGS) -O2 -Werror \
		$(PACKAGE_CFLAGS) -c -o /dev/null $$file || exit 1; \
	done; done

clean:
	rm -rf build

.PHONY: all tests check install uninstall lint lint-compile clean
