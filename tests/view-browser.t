#!/bin/sh
# The viewer in Debian's Chromium: axe-core finds nothing on its pages, narrow or wide, light or dark; its policy
# holds and the console is silent; hostile texts are read as they were stored; a keyboard is enough; a page that
# refreshes itself goes on; and a reader gets through all of it with JavaScript off, behind lighttpd.  long-browser.t
# has the other pages, and the other servers.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/view-servers.sh"
browser_needed

mkdir "$scratch/viewer"
points try.py "$scratch" short
view_data
start_view_lighttpd
walk lighttpd
done_testing
