# Boots a Debian in namespaces of its own, as a container of Proxmox VE does: with its own systemd, and no network but loopback.
#   $1  the root file system
#   $2  an address that it has
#   $3  name of its control group
#   $4  its name
set -eu
if [ "$3" != inside ]; then
  groups=${1%/*}/groups
  mkdir "$groups"
  mount -t cgroup2 cgroup2 "$groups"
  mkdir "$groups/$3"
  echo $$ >"$groups/$3/cgroup.procs"
  # The namespace of its groups begins where it is now.
  exec unshare --pid --fork --net --uts --ipc --cgroup --kill-child sh "$0" "$1" "$2" inside "$4"
fi
root=$1
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
ip link set lo up
ip address add "$2/32" dev lo
hostname "$4"
# Not chroot: in one the kernel makes no user namespaces, which units like Prometheus's ask for.
mkdir -p "$root/mnt/before"
cd "$root"
pivot_root . mnt/before
umount --lazy /mnt/before
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=null --show-status=no
