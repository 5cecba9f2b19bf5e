#!/bin/sh
# The viewer in Debian's Chromium: axe-core finds nothing on its pages, narrow or wide, light or dark; its policy
# holds and the console is silent; hostile texts are read as they were stored; a keyboard is enough; a page that
# refreshes itself goes on.  long-browser.t has the other pages, and all real servers.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/view-servers.sh"
browser_needed

mkdir "$scratch/viewer"
points try.py "$scratch" short
done_testing
