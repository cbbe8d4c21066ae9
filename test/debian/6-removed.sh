# The packages were removed.
. /run/lab/debian.inc

up
equal "Debian's own store serves" oxenstored "$(server)"
equal "no domain does" 0 "$(stores)"
equal "nothing is left but settings" /etc/xenstore-ts.conf "$(find / -xdev -name '*xenstore-ts*' ! -path '/lab*' ! -path '/var/lib/dpkg/*' ! -path '/var/lib/systemd/*' 2>/dev/null)"
guest pv
check "apt purge" apt-get purge -y xenstore-ts
refused "takes the settings away" ls /etc/xenstore-ts.conf
