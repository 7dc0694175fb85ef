//! How much memory can be taken without the kernel killing somebody for it later.

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::MemoryError;

/// Memory that this process may still take, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimits {
    /// Free or freed at once by dropping caches; the kernel's own estimate.
    pub available: u64,
    /// What the control group (a container's limit) leaves, if it sets a limit.
    pub group: Option<u64>,
}

impl MemoryLimits {
    /// None where the system does not say, which is everywhere but on Linux.
    pub fn read(root: &Path) -> Option<Self> {
        let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
        let available = kib_field(&text, "MemAvailable:")?;
        Some(Self { available, group: group_headroom(root) })
    }

    pub fn usable(&self) -> u64 {
        self.group.map_or(self.available, |group| group.min(self.available))
    }
}

/// A `Name:   123 kB` line of /proc, in bytes.
pub fn kib_field(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// File names of the two generations of control groups.
struct GroupFiles {
    folder: &'static str,
    limit: &'static str,
    used: &'static str,
    /// Cached file pages in memory.stat, which count as used but are given up under pressure.
    cached: &'static str,
}

const UNIFIED: GroupFiles = GroupFiles {
    folder: "sys/fs/cgroup",
    limit: "memory.max",
    used: "memory.current",
    cached: "inactive_file ",
};
const LEGACY: GroupFiles = GroupFiles {
    folder: "sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    cached: "total_inactive_file ",
};

/// The tightest limit from this process's group up to the root. A container may see only its own part of the
/// tree mounted, so folders of the path that do not exist are passed over.
fn group_headroom(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mut least = None;
    for line in text.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else { continue };
        let files = match controllers {
            "" => UNIFIED,
            list if list.split(',').any(|name| name == "memory") => LEGACY,
            _ => continue,
        };
        for folder in Path::new(path.trim_start_matches('/')).ancestors() {
            let left = headroom_of(&root.join(files.folder).join(folder), &files);
            least = [least, left].into_iter().flatten().min();
        }
    }
    least
}

fn headroom_of(folder: &Path, files: &GroupFiles) -> Option<u64> {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
    // "max", and the legacy number near 2^63, mean no limit.
    let limit = read(files.limit)?.trim().parse::<u64>().ok().filter(|limit| *limit < 1 << 62)?;
    let used = read(files.used)?.trim().parse::<u64>().ok()?;
    let stat = read("memory.stat").unwrap_or_default();
    let cached = stat.lines().find_map(|line| line.strip_prefix(files.cached)?.parse::<u64>().ok());
    Some(limit.saturating_sub(used.saturating_sub(cached.unwrap_or(0))))
}

/// Bytes of ordinary memory in live regions.
static PROMISED: Mutex<usize> = Mutex::new(0);

/// A region's share of the machine's memory, given back when dropped.
#[derive(Debug)]
pub struct Promise(usize);

impl Promise {
    /// Refuses what would not fit once every page of every region has been touched: untouched pages still
    /// count as available to the kernel.
    pub fn take(root: &Path, bytes: usize) -> Result<Self, MemoryError> {
        let mut promised = PROMISED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limits) = MemoryLimits::read(root) {
            let touched = fs::read_to_string(root.join("proc/self/status"))
                .ok()
                .and_then(|text| kib_field(&text, "RssAnon:"))
                .unwrap_or(0);
            let untouched = (*promised as u64).saturating_sub(touched);
            if bytes as u64 > limits.usable().saturating_sub(untouched) {
                return Err(MemoryError::OutOfMemory { bytes });
            }
        }
        *promised = promised.saturating_add(bytes);
        Ok(Self(bytes))
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        *PROMISED.lock().unwrap_or_else(PoisonError::into_inner) -= self.0;
    }
}

#[cfg(test)]
mod tests {
    use super::{MemoryLimits, kib_field};
    use crate::test_machine::Machine;

    fn machine(groups: &str) -> Machine {
        let machine = Machine::new();
        machine.write("proc/meminfo", "MemTotal:  8000 kB\nMemAvailable:    5000 kB");
        machine.write("proc/self/cgroup", groups);
        machine
    }

    #[test]
    fn reads_fields_of_proc_whole_names_only() {
        let text = "MemTotal:  8000 kB\nMemAvailable:    5000 kB\nBroken: x kB";
        assert_eq!(kib_field(text, "MemAvailable:"), Some(5000 << 10));
        assert_eq!((kib_field(text, "Mem:"), kib_field(text, "Broken:")), (None, None));
    }

    #[test]
    fn the_tightest_group_up_to_the_root_counts_and_its_cache_does_not() {
        let machine = machine("1:cpu:/x\n0::/pods/one");
        machine.write("sys/fs/cgroup/pods/memory.max", "3072000");
        machine.write("sys/fs/cgroup/pods/memory.current", "2048000");
        machine.write("sys/fs/cgroup/pods/memory.stat", "anon 1\ninactive_file 1024000");
        machine.write("sys/fs/cgroup/pods/one/memory.max", "max");
        machine.write("sys/fs/cgroup/pods/one/memory.current", "2048000");
        let limits = MemoryLimits::read(machine.root()).expect("meminfo");
        assert_eq!(
            (limits.available, limits.group, limits.usable()),
            (5_120_000, Some(2_048_000), 2_048_000)
        );
    }

    #[test]
    fn the_older_groups_are_read_too_even_where_only_the_own_one_is_mounted() {
        let machine = machine("4:cpuset,memory:/docker/abc\n0::/");
        machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9000000");
        machine.write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000000");
        let limits = MemoryLimits::read(machine.root()).expect("meminfo");
        assert_eq!((limits.group, limits.usable()), (Some(8_000_000), 5_120_000));
        machine.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
        assert_eq!(MemoryLimits::read(machine.root()).expect("meminfo").group, None);
    }

    #[test]
    fn an_overdrawn_group_has_nothing_left() {
        let machine = machine("0::/");
        machine.write("sys/fs/cgroup/memory.max", "1000");
        machine.write("sys/fs/cgroup/memory.current", "2000");
        assert_eq!(MemoryLimits::read(machine.root()).expect("meminfo").usable(), 0);
    }
}
