use std::process::{Command, Stdio};

use super::{PageSize, Pages, Region, descend, ladder};
use crate::{MemoryError, NodeId, NodeReport, Refusal};

fn refusal(size: PageSize) -> Refusal {
    Refusal { size, errno: Some(libc::ENOMEM), cause: "full".to_owned(), remedy: "more".to_owned() }
}

#[test]
fn is_zeroed_aligned_and_of_the_size_asked_for() {
    for pages in [Pages::Largest, Pages::Transparent, Pages::Base] {
        for bytes in [0, 1, 4096, 100_001, 5 << 20] {
            let mut region = Region::allocate(bytes, pages, None).expect("memory");
            assert_eq!((region.len(), region.as_ptr().addr() % (2 << 20)), (bytes, 0));
            assert!(region.bytes().iter().all(|byte| *byte == 0));
            region.bytes_mut().fill(0xa5);
            assert!(region.words_u32().iter().all(|word| *word == 0xa5a5_a5a5));
            assert_eq!((region.words_u32_mut().len(), region.words_u64_mut().len()), (bytes / 4, bytes / 8));
            assert!(region.words_u64().iter().all(|word| *word == 0xa5a5_a5a5_a5a5_a5a5));
            assert_eq!(region.had().had, region.page_size());
        }
    }
}

#[test]
fn tries_every_size_down_to_ordinary_pages() {
    use PageSize::{Base, Huge1G, Huge2M, Transparent};
    if cfg!(target_os = "linux") {
        assert_eq!(ladder(Pages::Largest, 1 << 30), [Huge1G, Huge2M, Transparent, Base]);
        assert_eq!(ladder(Pages::Largest, (1 << 30) - 1), [Huge2M, Transparent, Base]);
        assert_eq!(ladder(Pages::Transparent, 1 << 40), [Transparent, Base]);
    }
    assert_eq!(ladder(Pages::Base, 1), [Base]);
}

#[test]
fn takes_the_first_size_that_is_had_and_reports_those_before() {
    let sizes = [PageSize::Huge1G, PageSize::Huge2M, PageSize::Transparent, PageSize::Base];
    for had in 0..4 {
        let mut tried = Vec::new();
        let (result, refused) = descend(&sizes, |size| {
            tried.push(size);
            if size == sizes[had] { Ok(()) } else { Err(refusal(size)) }
        });
        assert_eq!((result, &tried[..]), (Some((sizes[had], ())), &sizes[..=had]));
        assert_eq!(refused, sizes[..had].iter().copied().map(refusal).collect::<Vec<_>>());
    }
    let (result, refused) = descend::<()>(&sizes, |size| Err(refusal(size)));
    assert_eq!((result, refused.len()), (None, 4));
}

#[test]
fn more_than_the_machine_has_is_an_error() {
    for pages in [Pages::Largest, Pages::Transparent, Pages::Base] {
        for bytes in [1 << 46, usize::MAX - 5, usize::MAX] {
            let result = Region::allocate(bytes, pages, None);
            assert_eq!(result.map(|region| region.len()), Err(MemoryError::OutOfMemory { bytes }));
        }
    }
}

/// Memory nobody has touched yet is still "available" to the kernel; the second region would not be.
#[cfg(target_os = "linux")]
#[test]
fn two_regions_cannot_be_promised_the_same_memory() {
    let limits = crate::MemoryLimits::read(std::path::Path::new("/")).expect("Linux says");
    let bytes = usize::try_from(limits.usable() / 8 * 5).expect("fits");
    let first = Region::allocate(bytes, Pages::Base, None).expect("five eighths are there");
    let second = Region::allocate(bytes, Pages::Base, None).map(|region| region.len());
    assert_eq!(second, Err(MemoryError::OutOfMemory { bytes }));
    drop(first);
    assert!(Region::allocate(bytes, Pages::Base, None).is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn is_on_the_node_asked_for_or_says_why_not() {
    let node = crate::Topology::current().nodes[0].id;
    let region = Region::allocate(4 << 20, Pages::Transparent, Some(node)).expect("memory");
    assert!(
        matches!(&region.had().node, NodeReport::Bound(on) | NodeReport::Preferred(on) if *on == node)
            || region.had().node == NodeReport::Refused { node, errno: libc::EPERM }
    );
    let nowhere = NodeId(900);
    let region = Region::allocate(4096, Pages::Base, Some(nowhere)).expect("memory elsewhere");
    assert!(matches!(region.had().node, NodeReport::Refused { node, .. } if node == nowhere));
    assert!(region.had().to_string().starts_with("ordinary pages; not bound to node 900: "));
}

/// Starts this test again in a process whose address space is limited: there mmap itself must fail, and
/// regions that were dropped must have given their addresses back.
#[cfg(target_os = "linux")]
#[test]
fn an_exhausted_address_space_is_an_error_and_dropped_regions_leave_it() {
    const CHILD: &str = "OTEDAMA_LIMITED_CHILD";
    const MIB: usize = 1 << 20;
    if std::env::var_os(CHILD).is_some() {
        let limit = libc::rlimit { rlim_cur: 1 << 30, rlim_max: 1 << 30 };
        // SAFETY: reads a structure of ours.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
        for pages in [Pages::Largest, Pages::Transparent, Pages::Base] {
            let result = Region::allocate(1024 * MIB, pages, None).map(|region| region.len());
            assert_eq!(result, Err(MemoryError::OutOfMemory { bytes: 1024 * MIB }));
            for _ in 0..20 {
                assert!(Region::allocate(300 * MIB, pages, None).is_ok());
            }
        }
        return;
    }
    let name = "region::tests::an_exhausted_address_space_is_an_error_and_dropped_regions_leave_it";
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", name, "--test-threads=1"])
        .env(CHILD, "1")
        .stdin(Stdio::null())
        .output()
        .expect("the test starts again");
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && output.contains("1 passed"), "{output}");
}

#[cfg(target_os = "linux")]
#[test]
fn reserved_pages_are_had_exactly_when_enough_are_free() {
    let page = PageSize::Huge2M.bytes();
    let region = Region::allocate(3 * page - 5, Pages::Largest, None).expect("memory");
    match region.page_size() {
        PageSize::Huge2M => assert!(region.had().refused.is_empty()),
        _ => {
            let refusal = &region.had().refused[0];
            assert_eq!(refusal.size, PageSize::Huge2M);
            assert!(refusal.errno.is_some());
            assert!(refusal.cause.ends_with("are free, 3 are needed") || refusal.cause.contains("no pages"));
            assert!(refusal.remedy.starts_with("as root: echo "), "{}", refusal.remedy);
            assert!(refusal.remedy.ends_with(" > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"));
        }
    }
}
