# What `make run` starts on a terminal: the store, the services, and then a shell.
. /etc/lab.sh
. /lab/guests.inc 2>/dev/null
[ -f /lab/guest-pv.gz ] && cp "$(config pv rw)" /root/guest.cfg && sed -i 's/^name = .*/name = "guest"/' /root/guest.cfg

echo "Starting the store ($STORE${PARAM:+, $PARAM})"
if took=$(lab-wire - run sh -c '. /etc/lab.sh; start_store'); then
	start_services
	echo "It served after $took ms."
	cat /etc/banner
else
	echo "FAIL: the store did not start"
	post_mortem
fi
exec sh -l
