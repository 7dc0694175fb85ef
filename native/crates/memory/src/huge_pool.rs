use std::fs;
use std::path::{Path, PathBuf};

use crate::NodeId;

/// Reserved huge pages of one size, of the machine or of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HugePool {
    pub page_bytes: u64,
    pub total: u64,
    /// Free and not promised to a mapping already.
    pub free: u64,
}

impl HugePool {
    /// None if the kernel has no pages of this size.
    pub fn read(root: &Path, page_bytes: u64, node: Option<NodeId>) -> Option<Self> {
        let folder = Self::folder(root, page_bytes, node);
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
        let total = read("nr_hugepages")?;
        // Promises are made for the whole machine; a node's folder has no count of them.
        let promised = read("resv_hugepages").unwrap_or(0);
        Some(Self { page_bytes, total, free: read("free_hugepages")?.saturating_sub(promised) })
    }

    pub const fn free_bytes(&self) -> u64 {
        self.free * self.page_bytes
    }

    fn folder(root: &Path, page_bytes: u64, node: Option<NodeId>) -> PathBuf {
        let name = format!("hugepages-{}kB", page_bytes >> 10);
        match node {
            None => root.join("sys/kernel/mm/hugepages").join(name),
            Some(node) => root.join(format!("sys/devices/system/node/node{node}/hugepages")).join(name),
        }
    }

    /// The command, for a root shell, that makes `needed` pages free where `now` is the state.
    pub fn remedy(now: Option<Self>, page_bytes: u64, node: Option<NodeId>, needed: u64) -> String {
        let (total, free) = now.map_or((0, 0), |pool| (pool.total, pool.free));
        let file = Self::folder(Path::new("/"), page_bytes, node).join("nr_hugepages");
        format!("as root: echo {} > {}", total + needed.saturating_sub(free), file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::HugePool;
    use crate::NodeId;
    use crate::test_machine::Machine;

    const PAGE: u64 = 2 << 20;

    #[test]
    fn pages_promised_to_a_mapping_are_not_free() {
        let machine = Machine::new();
        assert_eq!(HugePool::read(machine.root(), PAGE, None), None);
        let folder = "sys/kernel/mm/hugepages/hugepages-2048kB";
        for (name, value) in [("nr_hugepages", "1280"), ("free_hugepages", "1200"), ("resv_hugepages", "100")]
        {
            machine.write(&format!("{folder}/{name}"), value);
        }
        let pool = HugePool { page_bytes: PAGE, total: 1280, free: 1100 };
        assert_eq!(HugePool::read(machine.root(), PAGE, None), Some(pool));
    }

    #[test]
    fn the_remedy_adds_what_is_missing_to_what_is_there() {
        let pool = Some(HugePool { page_bytes: PAGE, total: 200, free: 60 });
        assert_eq!(
            HugePool::remedy(pool, PAGE, None, 100),
            "as root: echo 240 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
        );
        assert_eq!(
            HugePool::remedy(None, 1 << 30, Some(NodeId(1)), 3),
            "as root: echo 3 > /sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages"
        );
    }
}
