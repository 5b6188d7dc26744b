#!/bin/sh
# A room for one trial, for the first process of new namespaces: what a grader needs to read, a /tmp of its own,
# a home of its own, a loopback of its own and nothing else. The trial becomes user 65534, without capabilities.
#
#     room.sh SCRATCH PATH… -- COMMAND…        SCRATCH/tmp becomes /tmp; the paths can be read and not written
set -eu

scratch=$1
shift
root=$scratch/root
mkdir -p "$root"
mount -t tmpfs -o mode=755 room "$root"

readable() {
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    mount -o remount,bind,ro,nosuid,nodev "$root$1"
}

is_root=false
if [ "$(tr -s ' ' < /proc/self/uid_map)" = " 0 0 4294967295" ]; then is_root=true; fi
mkdir -p "$root/tmp" "$root/home/mentor"
mount --bind "$scratch/tmp" "$root/tmp"
if $is_root; then chown -R -h 65534:65534 "$root/tmp" "$root/home/mentor"; fi

for path in /usr /etc; do readable "$path"; done
for path in /bin /sbin /lib /lib32 /lib64 /libx32; do
    if [ -L "$path" ]; then cp -P "$path" "$root$path"; elif [ -d "$path" ]; then readable "$path"; fi
done
while [ "$1" != -- ]; do
    readable "$1"
    shift
done
shift

cd "$root"
mkdir -p dev proc var/tmp outside
mount --rbind /dev dev
mount -t tmpfs -o mode=1777,size=1g shared dev/shm
mount -t proc proc proc
chmod 1777 var/tmp
ip link set lo up
drop="--inh-caps=-all --bounding-set=-all --no-new-privs"
become="unshare --user --map-user=65534 --map-group=65534 setpriv"
if $is_root; then become="setpriv --reuid 65534 --regid 65534 --clear-groups"; fi
pivot_root . outside
cd /tmp
umount -l /outside
# shellcheck disable=SC2086
$become $drop env -i HOME=/home/mentor PATH=/usr/bin:/bin LANG=C.UTF-8 "$@"
exit $?
