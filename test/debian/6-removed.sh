# The packages were removed.
. /run/lab/debian.inc

up
equal "Debian's own store serves" oxenstored "$(server)"
equal "no domain does" 0 "$(stores)"
left() { find / -xdev -name '*xenstore-ts*' ! -path '/lab*' ! -path '/var/lib/dpkg/*' ! -path '/var/lib/systemd/*' | sort | paste -sd' '; }
# In the short form the store of the packages served when they were removed, and went on by what was kept for it.
equal "what is left" "/etc/xenstore-ts.conf${SHORT:+ /var/lib/xenstore-ts}" "$(left)"
guest pv
check "apt purge" apt-get purge -y xenstore-ts
equal "takes it away" "" "$(left)"
equal "and what enabled the exporter's units" "" "$(find /etc/systemd -name 'xenstore-exporter*')"
