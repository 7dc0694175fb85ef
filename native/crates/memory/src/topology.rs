//! Processors, caches and memory nodes, read from sysfs.

use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::affinity::allowed_cpus;
use crate::limits::kib_field;
use crate::{HugePool, parse_number_list};

/// The kernel's number of a logical processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuId(pub u32);

/// The kernel's number of a NUMA node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl fmt::Display for CpuId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A logical processor that this process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpu {
    pub id: CpuId,
    /// Lowest-numbered processor of the same physical core.
    pub core: CpuId,
    pub package: u32,
    pub node: NodeId,
    /// A small core of a processor with large ones.
    pub is_efficiency: bool,
    pub l2_bytes: u64,
    /// Lowest-numbered processor that shares the second-level cache.
    pub l2_group: CpuId,
    /// 0 without a third-level cache.
    pub l3_bytes: u64,
    /// Lowest-numbered processor that shares the third-level cache, or the package without one.
    pub l3_group: CpuId,
}

/// A part of the memory with the processors near it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: NodeId,
    /// Those of [`Topology::cpus`]; empty for memory without processors.
    pub cpus: Vec<CpuId>,
    pub memory_bytes: u64,
    pub free_bytes: u64,
    /// Reserved pages of each size the kernel has, smallest first.
    pub huge_pages: Vec<HugePool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// Ascending, never empty.
    pub nodes: Vec<Node>,
    /// Ascending, never empty.
    pub cpus: Vec<Cpu>,
}

impl Topology {
    /// This machine, as far as this process may use it.
    pub fn current() -> Self {
        Self::read(Path::new("/"), allowed_cpus().as_deref())
    }

    /// The machine whose /sys and /proc are under `root`. Processors that are offline, or not among the
    /// `allowed` of an affinity mask or control group, are left out. What sysfs does not say is taken to be one
    /// package with one node and a core for each processor.
    pub fn read(root: &Path, allowed: Option<&[CpuId]>) -> Self {
        let files = Files { cpus: root.join("sys/devices/system/cpu"), root: root.to_owned() };
        let ids = files.online_cpus(allowed);
        let node_of = files.nodes_of_cpus();
        let mut cpus: Vec<Cpu> = ids.into_iter().map(|id| files.cpu(id, &node_of)).collect();
        files.mark_efficiency(&mut cpus);
        let mut nodes: Vec<NodeId> = files.node_ids();
        nodes.extend(cpus.iter().map(|cpu| cpu.node));
        nodes.sort_unstable();
        nodes.dedup();
        let is_only = nodes.len() == 1;
        let nodes = nodes.into_iter().map(|id| files.node(id, is_only, &cpus)).collect();
        Self { nodes, cpus }
    }

    pub fn cpu(&self, id: CpuId) -> Option<&Cpu> {
        self.cpus.iter().find(|cpu| cpu.id == id)
    }

    /// Physical cores.
    pub fn core_count(&self) -> usize {
        let mut cores: Vec<CpuId> = self.cpus.iter().map(|cpu| cpu.core).collect();
        cores.sort_unstable();
        cores.dedup();
        cores.len()
    }
}

struct Files {
    root: PathBuf,
    cpus: PathBuf,
}

impl Files {
    fn list(path: PathBuf) -> Option<Vec<u32>> {
        fs::read_to_string(path).ok().map(|text| parse_number_list(&text))
    }

    fn online_cpus(&self, allowed: Option<&[CpuId]>) -> Vec<CpuId> {
        let online = Self::list(self.cpus.join("online")).unwrap_or_default();
        let mut ids: Vec<CpuId> = online.into_iter().map(CpuId).collect();
        match allowed {
            Some(allowed) if ids.is_empty() => ids.extend(allowed),
            Some(allowed) => ids.retain(|id| allowed.contains(id)),
            None => {}
        }
        if ids.is_empty() {
            let count = std::thread::available_parallelism().map_or(1, |count| count.get() as u32);
            ids.extend((0..count).map(CpuId));
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn cpu(&self, id: CpuId, node_of: &[(CpuId, NodeId)]) -> Cpu {
        let folder = self.cpus.join(format!("cpu{id}"));
        let topology = folder.join("topology");
        // The first name is the newer one.
        let siblings = ["core_cpus_list", "thread_siblings_list"]
            .into_iter()
            .find_map(|name| lowest(topology.join(name)));
        // -1 where firmware does not say
        let package = number(topology.join("physical_package_id")).unwrap_or(0);
        let l2 = cache(&folder, 2);
        let l3 = cache(&folder, 3);
        let in_package = || lowest(topology.join("package_cpus_list")).unwrap_or(CpuId(0));
        Cpu {
            id,
            core: siblings.unwrap_or(id),
            package,
            node: node_of.iter().find(|(cpu, _)| *cpu == id).map_or(NodeId(0), |(_, node)| *node),
            is_efficiency: false,
            l2_bytes: l2.map_or(0, |(bytes, _)| bytes),
            l2_group: l2.map_or(siblings.unwrap_or(id), |(_, group)| group),
            l3_bytes: l3.map_or(0, |(bytes, _)| bytes),
            l3_group: l3.map_or_else(in_package, |(_, group)| group),
        }
    }

    /// x86 lists its small cores; Arm gives each core's capacity, where less than two thirds of the largest
    /// is a small core (its large cores differ among themselves by some percent).
    fn mark_efficiency(&self, cpus: &mut [Cpu]) {
        let atoms = Self::list(self.root.join("sys/devices/cpu_atom/cpus")).unwrap_or_default();
        let capacity = |id: CpuId| number(self.cpus.join(format!("cpu{id}/cpu_capacity")));
        let largest = cpus.iter().filter_map(|cpu| capacity(cpu.id)).max();
        for cpu in cpus {
            let is_small = capacity(cpu.id).zip(largest).is_some_and(|(own, largest)| 3 * own < 2 * largest);
            cpu.is_efficiency = is_small || atoms.contains(&cpu.id.0);
        }
    }

    fn node_folder(&self, id: NodeId) -> PathBuf {
        self.root.join(format!("sys/devices/system/node/node{id}"))
    }

    fn node_ids(&self) -> Vec<NodeId> {
        let ids = Self::list(self.root.join("sys/devices/system/node/online")).unwrap_or_default();
        ids.into_iter().map(NodeId).collect()
    }

    fn nodes_of_cpus(&self) -> Vec<(CpuId, NodeId)> {
        let cpus_of = |id| Self::list(self.node_folder(id).join("cpulist")).unwrap_or_default();
        self.node_ids()
            .into_iter()
            .flat_map(|id| cpus_of(id).into_iter().map(move |cpu| (CpuId(cpu), id)))
            .collect()
    }

    /// A machine's only node has the machine's memory, which the node's own file understates where memory was
    /// added while running, as in many virtual machines.
    fn node(&self, id: NodeId, is_only: bool, cpus: &[Cpu]) -> Node {
        let own = fs::read_to_string(self.node_folder(id).join("meminfo")).unwrap_or_default();
        let machine = fs::read_to_string(self.root.join("proc/meminfo")).unwrap_or_default();
        let field = |name: &str| {
            let of_machine = kib_field(&machine, &format!("{name}:")).filter(|_| is_only);
            of_machine.or_else(|| kib_field(&own, &format!("Node {id} {name}:"))).unwrap_or(0)
        };
        let on = (!is_only).then_some(id);
        Node {
            id,
            cpus: cpus.iter().filter(|cpu| cpu.node == id).map(|cpu| cpu.id).collect(),
            memory_bytes: field("MemTotal"),
            free_bytes: field("MemFree"),
            huge_pages: [2 << 20, 1 << 30]
                .into_iter()
                .filter_map(|bytes| HugePool::read(&self.root, bytes, on))
                .collect(),
        }
    }
}

fn number(path: PathBuf) -> Option<u32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn lowest(path: PathBuf) -> Option<CpuId> {
    Files::list(path)?.into_iter().min().map(CpuId)
}

/// Size of a processor's data cache of this level and the lowest-numbered processor that shares it.
fn cache(cpu: &Path, level: u32) -> Option<(u64, CpuId)> {
    (0..8).map(|index| cpu.join(format!("cache/index{index}"))).find_map(|folder| {
        let kind = fs::read_to_string(folder.join("type")).ok()?;
        if number(folder.join("level")) != Some(level) || kind.trim() == "Instruction" {
            return None;
        }
        let size = fs::read_to_string(folder.join("size")).ok()?;
        Some((cache_bytes(size.trim())?, lowest(folder.join("shared_cpu_list"))?))
    })
}

/// `512K`, `32M` or plain bytes.
fn cache_bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(['K', 'M']);
    let unit = match &text[digits.len()..] {
        "K" => 1 << 10,
        "M" => 1 << 20,
        _ => 1,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
#[path = "topology_tests.rs"]
mod tests;
