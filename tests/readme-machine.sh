#!/bin/sh
# readme-machine.sh PART APACHE LIGHTTPD NGINX - what long-readme.t types in a machine of its own, where
# the three web servers listen on those ports.  The steps are in /srv/steps, and the names of those that were
# run go to /srv/done.
set -eux
part=$1
apache=http://localhost:$2 lighttpd=http://localhost:$3 nginx=http://localhost:$4
cd /srv/msgext
export DEBIAN_FRONTEND=noninteractive

# The editor that is started by sudo editor: it fills in what README.md says.
cat >/usr/local/bin/editor <<'END'
#!/bin/sh
sed -i -e 's/^\(# \)\{0,1\}sdk_app_id = .*/sdk_app_id = 1400000000/' -e 's/^\(# \)\{0,1\}token = .*/token = xxxxyyyy/' "$1"
END
chmod 755 /usr/local/bin/editor

# runs NAME...: those steps in one shell, as a person who may use sudo, in the sources.
runs() {
	for name; do
		cat "/srv/steps/$name"
	done >/srv/script
	su person -c "cd /srv/msgext && ${shell-sh} -ex /srv/script" </dev/null
	printf '%s\n' "$@" >>/srv/done
}
# answers URL: the receiver is there.
answers() {
	curl -sS --retry 30 --retry-connrefused --retry-all-errors --retry-delay 1 "$1" | grep '"ActionStatus":"OK"'
}
# stores URL: the request that msgextctl sample prints is answered OK.
stores() {
	answers "$1"
	msgextctl sample | sed "s|https*://[^?]*?|$1?|" | sh | grep '"ActionStatus":"OK"'
}
# vote SEQ KEY VALUE: an event of the group and message that README.md speaks of.
vote() {
	now=$(date +%s)
	curl -sS --data-binary '{"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"@TGS#2J4","MsgSeq":10,
		"OperateType":1,"ExtensionList":[{"Key":"'"$2"'","Value":"'"$3"'","Seq":'"$1"'}],"Seq":'"$1"',"EventTime":1764688294360}' \
		"$apache/msgext?SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterGroupMsgExtension&RequestTime=$now&Sign=$(
			printf 'xxxxyyyy%s' "$now" | sha256sum | cut -d' ' -f1)" | grep '"ActionStatus":"OK"'
}

# In a terminal, by sudo: each command shows something; those that follow go on until they are stopped.
terminal() {
	sed 's|  *# .*||' /srv/steps/terminal | while read -r command; do
		code=0
		case $command in
		*' -f') su person -c "sudo timeout -s INT 3 $command" >/srv/shown </dev/null || code=$? ;;
		*) su person -c "sudo $command" >/srv/shown </dev/null || code=$? ;;
		esac
		case $command,$code in
		*' -f,124' | *' gaps,1' | *,0) ;;
		*) return 1 ;;
		esac
		test -s /srv/shown
	done
	msgextctl tally '@TGS#2J4' 10 | grep 'Noodles  *2 '
	msgextctl gaps | grep '@TGS#2J4  *10  *1  *3'
	echo terminal >>/srv/done
}

# look: the viewer's page goes to /srv/shown.
look() {
	su person -c 'env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET SCRIPT_NAME=/cgi-bin/view.cgi \
		/home/person/cgi-bin/view.cgi' >/srv/shown
}
# The two lines and the script of the viewer, as a release has them in a home: its page shows a key to copy.
viewer() {
	mkdir -p /home/person/msgext/data /home/person/cgi-bin
	cp /usr/bin/msgext-view /home/person/msgext
	(echo 'data_dir = /home/person/msgext/data' && cat /srv/steps/view-configuration) >/home/person/msgext/view.conf
	sed 's/USER/person/' /srv/steps/view-script >/home/person/cgi-bin/view.cgi
	chmod 755 /home/person/cgi-bin/view.cgi
	chmod 600 /home/person/msgext/view.conf
	chmod 700 /home/person/msgext/data
	chown -R person: /home/person
	look
	grep '^Status: 503' /srv/shown
	key=$(grep -oE '[A-Za-z0-9_-]{40,}' /srv/shown | grep -v sha256 | tail -n 1)
	sed -i "s/^link_key = .*/link_key = $key/" /home/person/msgext/view.conf
	look
	grep '^Status: 403' /srv/shown
	grep 'type="password"' /srv/shown
	printf '%s\n' view-configuration view-script >>/srv/done
}

# The line of cron that archives, in that home.
keeper() {
	cp /usr/bin/msgextctl /home/person/msgext
	line old 1 1 2025-12-02T15:11:34.395Z >/home/person/msgext/data/old.jsonl
	chown person: /home/person/msgext/data/old.jsonl
	chmod 600 /home/person/msgext/data/old.jsonl
	su person -c "$(cut -d ' ' -f 6- /srv/steps/keep)"
	test -s /home/person/msgext/data/old.*.jsonl.gz
	echo keep >>/srv/done
}

# line GROUP MSGSEQ SEQ TIME: a line of a log.
line() {
	printf '{"time":"%s","SdkAppid":1400000000,"CallbackCommand":"Group.CallbackAfterGroupMsgExtension",' "$4"
	printf '"GroupId":"%s","MsgSeq":%s,"OperateType":1,"ExtensionList":[{"Key":"k%s","Value":"v","Seq":%s}],' "$1" "$2" "$3" "$3"
	printf '"Seq":%s,"EventTime":1764688294360}\n' "$3"
}
# What README.md shows of the repairer, with what stands for the vendor: the same lines.
repairer() {
	apt-get install -y -qq /srv/msgext-repair_*.deb
	data=/var/lib/msgext vendor=/srv/vendor old=2025-12-02T15:11:34.395Z
	rm -f $data/*
	mkdir $vendor
	for group in lunch:7 dinner:1 supper:1; do
		(line "${group%:*}" "${group#*:}" 1 $old && line "${group%:*}" "${group#*:}" 3 $old) >"$data/${group%:*}.jsonl"
		for seq in 1 2 3; do line "${group%:*}" "${group#*:}" $seq $old; done >>$vendor/events
	done
	line tea 1 1 "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" | tee -a $vendor/events >$data/tea.jsonl
	chmod 600 $data/*
	chown www-data:www-data $data/*
	echo 'lunch 7 * code:10010' >$vendor/rules
	python3 -B tests/rest/standin.py $vendor >/srv/standin 2>&1 &
	standin=$!
	until [ -s $vendor/address ]; do
		kill -0 $standin
		sleep 0.2
	done
	(umask 077 && sed -n 's/^KEY = "\(.*\)"/\1/p' tests/rest/standin.py >/etc/msgext/repair.key)
	install -m 644 $vendor/ca.pem /etc/msgext/repair-ca.pem
	printf '%s\n' "data_dir = $data" 'sdk_app_id = 1400000000' "rest_domain = $(cat $vendor/address)" \
		'rest_key_file = /etc/msgext/repair.key' 'ca_file = /etc/msgext/repair-ca.pem' >/etc/msgext/repair.conf
	chmod 600 /etc/msgext/repair.conf
	while read -r mark command; do
		[ "$mark" = '$' ] || continue
		echo "$mark $command"
		sh -c "$command" 2>&1 </dev/null | grep -v '^Created symlink' || true
	done </srv/steps/repair >/srv/shown
	kill $standin
	diff /srv/steps/repair /srv/shown
	systemctl is-enabled msgext-repair.timer
	echo repair >>/srv/done
}

systemctl stop apache2 lighttpd nginx
if [ "$part" = package ]; then
	runs package-build package-install
	stores "$apache/msgext"
	runs check
	vote 1 alice Noodles && vote 2 bob Pizza && vote 4 carol Noodles
	terminal
	viewer
	keeper
	systemctl stop apache2
	runs package-lighttpd
	stores "$lighttpd/msgext"
	repairer
	exit
fi
xargs apt-get install -y -qq --no-install-recommends </srv/steps/source-packages
echo source-packages >>/srv/done
runs source-apache
stores "$apache/msgext"
systemctl stop apache2
runs source-lighttpd
stores "$lighttpd/msgext"
systemctl stop lighttpd
runs source-socket
(echo "server { listen ${nginx##*:};" && cat /srv/steps/source-nginx && echo '}') >/etc/nginx/conf.d/msgext.conf
systemctl restart nginx
stores "$nginx/msgext"
echo source-nginx >>/srv/done
shell=bash runs source-workers
stores "$nginx/msgext"
workers() {
	find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname /usr/local/bin/msgext 2>/dev/null | wc -l
}
# systemd starts them one after the other.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ "$(workers)" -lt 63 ] || break
	sleep 1
done
test "$(workers)" -ge 63
systemctl stop msgext.socket 'msgext@*'
sed -i 's|^|sudo |; s|^sudo  |    |' /srv/steps/source-spawned
runs source-spawned
stores "$nginx/msgext"
