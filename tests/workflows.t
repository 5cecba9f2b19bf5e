#!/bin/sh
# The workflows: what they run is what anybody runs here, and beside the checkout no action of others runs.
. "$(dirname "$0")/lib.sh"

perl -MYAML::XS -e 1 2>/dev/null || lacks libyaml-libyaml-perl
# steps MEMBER WORKFLOW: that member of each step that has it.
steps() {
	perl -MYAML::XS=LoadFile -e 'my ($member, $file) = @ARGV;
		for my $job (values %{LoadFile($file)->{jobs}}) {
			print map("$_\n", grep defined, map $_->{$member}, @{$job->{steps}});
		}' "$1" "$2"
}
# commands WORKFLOW: each of its simple commands in a line, what "$(...)" holds too.
commands() {
	# shellcheck disable=SC2016
	steps run "$1" | sed 's/\$(/\n/g' | sed 's/&&\|||\|;\||/\n/g' | sed 's/^ *//; s/)"*$//'
}
# makes TARGET: make knows how.
makes() {
	make -n -s -C "$top" "$1" >/dev/null
}
for workflow in "$top"/.github/workflows/*.yml; do
	file=${workflow##*/}
	is "$(steps uses "$workflow" | sed 's/@v[0-9]*$//' | sort -u)" actions/checkout "$file uses the checkout alone"
	for target in $(commands "$workflow" | sed -n 's/^make //p' | tr ' ' '\n' | grep -v '=\|^-'); do
		ok "$file: make has the target $target" makes "$target"
		echo "$file" >>"$scratch/made"
	done
	for script in $(commands "$workflow" | sed -n 's/^sh \([^ ]*\).*/\1/p'); do
		ok "$file: $script is here" test -f "$top/$script"
	done
done
is "$(sort -u "$scratch/made" | xargs)" 'ci.yml release.yml' 'both run targets of make'

release=$top/.github/workflows/release.yml
is "$(commands "$release" | sed 's/ .*//' | sort -u | xargs)" 'apt-get gh git make test' 'the release is made by make alone'
is "$(commands "$release" | grep '^make ' | xargs)" 'make -s print-variable VARIABLE=VERSION make downloads' 'by these targets'
# What it uploads is what they made.
is "$(commands "$release" | sed -n 's/^gh release create .* //p')" \
	"$(sed -n 's/^downloads=//p' "$top/tools/downloads.sh")/*" 'it uploads what is made'
is "$(perl -MYAML::XS=LoadFile -e 'my $on = LoadFile(shift)->{on}; print join(",", %$on, %{$on->{push}})' "$release" |
	sed 's/([^)]*)//g; s/,HASH[^,]*//; s/ARRAY[^,]*//')" 'push,tags,' 'for tags alone'
is "$(sed -n 's/^ *\([a-z]*\): write.*/\1/p' "$top"/.github/workflows/*.yml),$(grep -c GH_TOKEN "$release")" contents,1 \
	'it alone may write, and its upload alone has the token'
done_testing
