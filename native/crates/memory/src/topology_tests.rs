//! Machines as folders of files, in the kernel's formats.

use crate::test_machine::Machine;
use crate::{Cpu, CpuId, HugePool, NodeId, Topology, place_threads};

impl Machine {
    fn cpu(&self, id: u32, package: u32, siblings: &str, l2: (&str, &str), l3: Option<(&str, &str)>) {
        let folder = format!("sys/devices/system/cpu/cpu{id}");
        self.write(&format!("{folder}/topology/physical_package_id"), &package.to_string());
        self.write(&format!("{folder}/topology/thread_siblings_list"), siblings);
        self.cache(&folder, 0, (1, "Data"), ("32K", siblings));
        self.cache(&folder, 1, (2, "Instruction"), ("1M", siblings));
        self.cache(&folder, 2, (2, "Unified"), l2);
        if let Some(l3) = l3 {
            self.cache(&folder, 3, (3, "Unified"), l3);
        }
    }

    fn cache(&self, cpu: &str, index: u32, (level, kind): (u32, &str), (size, shared): (&str, &str)) {
        let folder = format!("{cpu}/cache/index{index}");
        self.write(&format!("{folder}/level"), &level.to_string());
        self.write(&format!("{folder}/type"), kind);
        self.write(&format!("{folder}/size"), size);
        self.write(&format!("{folder}/shared_cpu_list"), shared);
    }

    fn node(&self, id: u32, cpus: &str, total_kib: u64, free_kib: u64) {
        let folder = format!("sys/devices/system/node/node{id}");
        self.write(&format!("{folder}/cpulist"), cpus);
        let text =
            format!("Node {id} MemTotal:       {total_kib} kB\nNode {id} MemFree:        {free_kib} kB");
        self.write(&format!("{folder}/meminfo"), &text);
    }

    fn read(&self) -> Topology {
        Topology::read(self.root(), None)
    }
}

/// Two packages, each a node with two third-level caches over two cores of two threads.
fn dual_socket() -> Machine {
    let machine = Machine::new();
    machine.write("sys/devices/system/cpu/online", "0-15");
    machine.write("sys/devices/system/node/online", "0-1");
    for core in 0..8 {
        let siblings = format!("{core},{}", core + 8);
        let group = core / 2 * 2;
        let shared = format!("{group}-{},{}-{}", group + 1, group + 8, group + 9);
        for id in [core, core + 8] {
            machine.cpu(id, core / 4, &siblings, ("512K", &siblings), Some(("16384K", &shared)));
        }
    }
    machine.node(0, "0-3,8-11", 64 << 20, 60 << 20);
    machine.node(1, "4-7,12-15", 32 << 20, 1 << 20);
    let pool = "sys/devices/system/node/node1/hugepages/hugepages-2048kB";
    machine.write(&format!("{pool}/nr_hugepages"), "1280");
    machine.write(&format!("{pool}/free_hugepages"), "1000");
    machine
}

/// Two large cores and four small ones, no third-level cache.
fn big_little() -> Machine {
    let machine = Machine::new();
    machine.write("sys/devices/system/cpu/online", "0-5");
    for id in 0..6 {
        let is_large = id >= 4;
        let l2 = if is_large { ("1M", id.to_string()) } else { ("512K", "0-3".to_owned()) };
        machine.cpu(id, 0, &id.to_string(), (l2.0, &l2.1), None);
        let capacity = if id == 5 {
            "1024"
        } else if is_large {
            "980"
        } else {
            "380"
        };
        machine.write(&format!("sys/devices/system/cpu/cpu{id}/cpu_capacity"), capacity);
    }
    machine.write("proc/meminfo", "MemTotal:        8000000 kB\nMemFree:         1000000 kB");
    machine
}

fn ids(numbers: &[u32]) -> Vec<CpuId> {
    numbers.iter().copied().map(CpuId).collect()
}

#[test]
fn reads_packages_nodes_caches_and_huge_pages() {
    let topology = dual_socket().read();
    assert_eq!((topology.cpus.len(), topology.core_count(), topology.nodes.len()), (16, 8, 2));
    let expected = Cpu {
        id: CpuId(13),
        core: CpuId(5),
        package: 1,
        node: NodeId(1),
        is_efficiency: false,
        l2_bytes: 512 << 10,
        l2_group: CpuId(5),
        l3_bytes: 16 << 20,
        l3_group: CpuId(4),
    };
    assert_eq!(topology.cpu(CpuId(13)), Some(&expected));
    let [first, second] = &topology.nodes[..] else { panic!("two nodes") };
    assert_eq!((first.memory_bytes, first.free_bytes), (64 << 30, 60 << 30));
    assert_eq!(second.cpus, ids(&[4, 5, 6, 7, 12, 13, 14, 15]));
    assert!(first.huge_pages.is_empty());
    assert_eq!(second.huge_pages, [HugePool { page_bytes: 2 << 20, total: 1280, free: 1000 }]);
}

#[test]
fn threads_alternate_nodes_then_caches_and_fill_cores_before_siblings() {
    let topology = dual_socket().read();
    let cores = [0, 4, 2, 6, 1, 5, 3, 7];
    assert_eq!(place_threads(&topology, 8), ids(&cores));
    let siblings = cores.map(|core| core + 8);
    assert_eq!(place_threads(&topology, 16)[8..], ids(&siblings));
    assert_eq!(place_threads(&topology, 18)[16..], ids(&[0, 4]), "more threads than processors");
    assert!(place_threads(&topology, 0).is_empty());
}

#[test]
fn large_cores_come_first() {
    let topology = big_little().read();
    assert_eq!(place_threads(&topology, 6), ids(&[4, 5, 0, 1, 2, 3]));
    let small = topology.cpu(CpuId(2)).expect("present");
    assert!(small.is_efficiency && !topology.cpu(CpuId(4)).expect("present").is_efficiency);
    assert_eq!((small.l2_bytes, small.l2_group), (512 << 10, CpuId(0)));
    assert_eq!((small.l3_bytes, small.l3_group), (0, CpuId(0)));
    assert_eq!((topology.nodes.len(), topology.nodes[0].memory_bytes), (1, 8_000_000 << 10));
}

#[test]
fn small_cores_of_x86_are_listed_by_the_kernel() {
    let machine = Machine::new();
    machine.write("sys/devices/system/cpu/online", "0-3");
    machine.write("sys/devices/cpu_atom/cpus", "0-1");
    assert_eq!(place_threads(&machine.read(), 3), ids(&[2, 3, 0]));
}

#[test]
fn offline_and_forbidden_processors_are_left_out() {
    let machine = dual_socket();
    machine.write("sys/devices/system/cpu/online", "0-6,8-15");
    let topology = Topology::read(machine.root(), Some(&ids(&[7, 12, 13, 15, 3])));
    assert_eq!(topology.cpus.iter().map(|cpu| cpu.id).collect::<Vec<_>>(), ids(&[3, 12, 13, 15]));
    assert_eq!(topology.core_count(), 4, "a core counts when one of its threads may be used");
    assert_eq!(place_threads(&topology, 4), ids(&[3, 12, 15, 13]), "second threads stand in for their core");
}

#[test]
fn without_sysfs_every_allowed_processor_is_a_core_of_one_node() {
    let machine = Machine::new();
    let topology = Topology::read(machine.root(), Some(&ids(&[4, 2])));
    assert_eq!((topology.cpus.len(), topology.core_count(), topology.nodes.len()), (2, 2, 1));
    assert_eq!(place_threads(&topology, 2), ids(&[2, 4]));
}

#[test]
fn this_machine_has_processors_on_nodes() {
    let topology = Topology::current();
    assert!(!topology.cpus.is_empty());
    let on_nodes: usize = topology.nodes.iter().map(|node| node.cpus.len()).sum();
    assert_eq!(on_nodes, topology.cpus.len());
    assert!(topology.core_count() <= topology.cpus.len());
}
