#!/bin/sh
# The viewer in Debian's Chromium, all of it: every page that view-browser.t leaves out, the important ones in all
# languages; and a reader's whole way with JavaScript off through nginx and Apache (CGI, and under suEXEC).
#
# suEXEC's settings and alice's home are of a mount namespace of this test's own, and gone with it.
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null && [ -z "${MSGEXT_NAMESPACE-}" ]; then
	MSGEXT_NAMESPACE=1 exec unshare -m --propagation private sh "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/view-servers.sh"
browser_needed

view_data
start_view_nginx
walk 'nginx, FastCGI'
start_view_apache
walk 'Apache, CGI'
if [ -n "${MSGEXT_NAMESPACE-}" ]; then
	view_home
	start_view_suexec
	walk 'Apache, suEXEC'
else
	passed 'Apache, suEXEC # SKIP this takes root and mount namespaces'
fi

mkdir "$scratch/viewer"
points try.py "$scratch" long
done_testing
