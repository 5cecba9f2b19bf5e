"""disks.py - a disk that remembers each write and flush (recorder.c), a file system on it, and what a power cut leaves of it.

FILESYSTEM is a key of `filesystems`.  DIR is ours alone, in memory if possible: DIR/base is the disk with an empty data
directory, DIR/mnt where it is mounted; whoever calls unmounts what is left below DIR when we are killed.
"""
import contextlib
import os
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("MSGEXT_TOP") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMIT = 600  # seconds, for whatever may hang; a busy machine is no reason
BLOCK, SECTOR = 4096, 512
SUPERBLOCKS = [0, 1024, 5120, 65536, 67108864]  # xfs, ext4 and f2fs, f2fs, btrfs twice
WRITE, FLUSH, FAILED = 1, 2, 3

EXT4 = ["mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0"]
# Metadata in one copy: a second one would hide what happens to the first.
# Name: megabytes, mkfs, mount options.  Barriers are every one's default.
filesystems = {
    "ext4-ordered": (32, EXT4, "data=ordered,errors=remount-ro"),
    "ext4-writeback": (32, EXT4, "data=writeback,errors=remount-ro"),
    "ext4-journal": (32, EXT4, "data=journal,errors=remount-ro"),
    "ext4-fast": (32, [*EXT4, "-O", "fast_commit"], "data=ordered,errors=remount-ro"),
    "f2fs": (128, ["mkfs.f2fs", "-q", "-f"], "defaults"),
    "xfs": (320, ["mkfs.xfs", "-q", "-f"], "nouuid"),
    "btrfs": (128, ["mkfs.btrfs", "-q", "-f", "-m", "single"], "defaults"),
}


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT, **options)


def must(*command):
    result = run(*command)
    if result.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), result.stderr.decode(errors="replace").strip()))
    return result.stdout


def mount(filesystem, device, mnt, *options):
    return run("mount", "-t", filesystem.split("-")[0], "-o", ",".join((*options, filesystems[filesystem][2])), device, mnt)


@contextlib.contextmanager
def mounted(directory, filesystem, image):
    """At DIR/mnt; gives False where the file system itself cannot be mounted."""
    mnt = directory + "/mnt"
    if mount(filesystem, image, mnt, "loop").returncode != 0:
        yield False
        return
    try:
        yield True
    finally:
        unmount(mnt)


def age(data):
    """Logs are of before the machine was started."""
    for name in os.listdir(data):
        os.utime(data + "/" + name, (0, 0))


def unmount(path):
    """Unmounts, also where the loop device's end still holds the file for a moment."""
    end = time.monotonic() + LIMIT
    while run("umount", path).returncode != 0:
        if time.monotonic() > end:
            raise RuntimeError("cannot unmount " + path)
        time.sleep(0.02)


class Disk:
    """A disk's content as blocks that are never changed in place, so that a copy costs little."""

    def __init__(self, size, blocks=None):
        self.size = size
        self.blocks = {} if blocks is None else dict(blocks)

    @classmethod
    def load(cls, path):
        """Of a sparse file what there is of it."""
        disk, at = cls(os.path.getsize(path)), 0
        with open(path, "rb") as file:
            while at < disk.size:
                try:
                    at = os.lseek(file.fileno(), at, os.SEEK_DATA)
                except OSError:
                    break
                end = os.lseek(file.fileno(), at, os.SEEK_HOLE)
                for number in range(at // BLOCK, (end + BLOCK - 1) // BLOCK):
                    block = os.pread(file.fileno(), BLOCK, number * BLOCK)
                    if block.count(0) != BLOCK:
                        disk.blocks[number] = block
                at = end
        return disk

    def copy(self):
        return Disk(self.size, self.blocks)

    def write(self, offset, data):
        while data:
            number, start = divmod(offset, BLOCK)
            part = data[:BLOCK - start]
            old = self.blocks.get(number, bytes(BLOCK))
            self.blocks[number] = old[:start] + part + old[start + len(part):]
            offset += len(part)
            data = data[len(part):]

    def save(self, path):
        # Another file of that name: a loop device on the one before may be on its way out, and be taken again.
        if os.path.exists(path):
            os.unlink(path)
        with open(path, "wb") as file:
            file.truncate(self.size)
            for number, block in self.blocks.items():
                os.pwrite(file.fileno(), block, number * BLOCK)


class Recorder:
    """recorder.c on DIR/base, with so many milliseconds a flush, and at most a write; the file system at DIR/mnt."""

    def __init__(self, directory, filesystem, fail=0, flush=0, scatter=0, recorded=True):
        self.fuse, self.mnt = directory + "/fuse", directory + "/mnt"
        self.record = directory + "/record" if recorded else "/dev/null"
        for path in (self.fuse, self.mnt):
            os.makedirs(path, exist_ok=True)
        if recorded and os.path.exists(self.record):
            os.unlink(self.record)
        Disk.load(directory + "/base").save(directory + "/disk")
        self.process = subprocess.Popen([TOP + "/build/tests/recorder", directory + "/disk", self.record,
                                         str(fail), self.fuse, str(flush), str(scatter)])
        end = time.monotonic() + LIMIT
        while not os.path.ismount(self.fuse):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the recorder did not start")
            time.sleep(0.01)
        # Without direct reads and writes a loop device does one at a time.
        device = must("losetup", "--find", "--show", "--direct-io=" + ("on" if scatter else "off"),
                      self.fuse + "/disk").decode().strip()
        there = mount(filesystem, device, self.mnt)
        must("losetup", "--detach", device)  # when it is unmounted
        if there.returncode != 0:
            raise RuntimeError("cannot mount: %s" % there.stderr.decode(errors="replace"))

    def position(self):
        return os.stat(self.record).st_size

    def stop(self):
        unmount(self.mnt)
        unmount(self.fuse)
        self.process.wait(LIMIT)


def disk_make(directory, filesystem):
    """Makes DIR/base: the file system with an empty data directory."""
    megabytes, mkfs, _ = filesystems[filesystem]
    base, mnt = directory + "/base", directory + "/mnt"
    with open(base, "wb") as file:
        file.truncate(megabytes << 20)
    must(*mkfs, base)
    os.makedirs(mnt, exist_ok=True)
    with mounted(directory, filesystem, base) as there:
        if not there:
            raise RuntimeError("cannot mount a new " + filesystem)
        os.mkdir(mnt + "/data", 0o700)
    with open(directory + "/conf", "w") as file:
        file.write("data_dir = %s/data\nsdk_app_id = 1400000000\n" % mnt)
    os.chmod(directory + "/conf", 0o600)


def steps_read(file):
    """A record's steps: kind, offset, data, position behind it."""
    while header := file.read(24):
        kind, offset, length = struct.unpack("=QQQ", header)
        data = file.read(length)
        yield kind, offset, data, file.tell()


# a power cut

WAYS = ["all", "none", "writes", "sectors"]


def part_of(pending, way, chance, sector):
    """What of the writes since the last flush came to the disk, which writes so many bytes as one."""
    if way == "none":
        return []
    if way == "all":
        return pending
    share = chance.choice((0.2, 0.5, 0.8))
    if way == "writes":
        return [write for write in pending if chance.random() < share]
    sectors = []
    for offset, data in pending:
        # Every file system trusts the disk to write its superblock as one.
        size = len(data) if any(offset <= at < offset + len(data) for at in SUPERBLOCKS) else sector
        sectors += [(offset + at, data[at:at + size]) for at in range(0, len(data), size)
                    if chance.random() < share]
    return sectors
