use core::slice;
use std::fs;
use std::path::Path;

use crate::limits::Promise;
use crate::mapping::Mapping;
use crate::{MemoryError, NodeId, NodeReport, PageReport, PageSize, Pages, Refusal};

/// Owned memory: zeroed, starting at a multiple of 2 MB, given back when dropped.
#[derive(Debug)]
pub struct Region {
    mapping: Mapping,
    bytes: usize,
    report: PageReport,
    /// None on reserved pages, which are nobody else's memory.
    _promise: Option<Promise>,
}

impl Region {
    /// Memory on the pages asked for, or else the next smaller ones; [`Self::had`] says which and why. With
    /// `node`, its pages come from that NUMA node if the kernel allows.
    ///
    /// Fails rather than being killed later: what the machine or the control group has no room for is refused.
    pub fn allocate(bytes: usize, pages: Pages, node: Option<NodeId>) -> Result<Self, MemoryError> {
        let (had, refused) = descend(ladder(pages, bytes), |size| match size {
            PageSize::Base | PageSize::Transparent => ordinary(bytes, size, node),
            PageSize::Huge2M | PageSize::Huge1G => reserved(bytes, size, node),
        });
        let (had, (mapping, _promise, node)) = had.ok_or(MemoryError::OutOfMemory { bytes })?;
        let report = PageReport { asked: pages, had, refused, node };
        Ok(Self { mapping, bytes, report, _promise })
    }

    pub const fn len(&self) -> usize {
        self.bytes
    }

    pub const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    pub const fn page_size(&self) -> PageSize {
        self.report.had
    }

    /// What was tried, what was refused and why.
    pub const fn had(&self) -> &PageReport {
        &self.report
    }

    /// Valid for [`Self::len`] bytes.
    pub const fn as_ptr(&self) -> *const u8 {
        self.mapping.start().as_ptr()
    }

    pub const fn as_mut_ptr(&mut self) -> *mut u8 {
        self.mapping.start().as_ptr()
    }

    pub const fn bytes(&self) -> &[u8] {
        // SAFETY: mapped, zeroed by the kernel and so initialised, and only written through `&mut self`.
        unsafe { slice::from_raw_parts(self.as_ptr(), self.bytes) }
    }

    pub const fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as for `bytes`; `&mut self` makes it the only view.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr(), self.bytes) }
    }

    /// Whole words only, in the processor's byte order.
    pub const fn words_u32(&self) -> &[u32] {
        // SAFETY: as for `bytes`; the start is aligned and every bit pattern is a number.
        unsafe { slice::from_raw_parts(self.as_ptr().cast(), self.bytes / 4) }
    }

    pub const fn words_u32_mut(&mut self) -> &mut [u32] {
        // SAFETY: as for `words_u32`; `&mut self` makes it the only view.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr().cast(), self.bytes / 4) }
    }

    /// Whole words only, in the processor's byte order.
    pub const fn words_u64(&self) -> &[u64] {
        // SAFETY: as for `words_u32`.
        unsafe { slice::from_raw_parts(self.as_ptr().cast(), self.bytes / 8) }
    }

    pub const fn words_u64_mut(&mut self) -> &mut [u64] {
        // SAFETY: as for `words_u32_mut`.
        unsafe { slice::from_raw_parts_mut(self.as_mut_ptr().cast(), self.bytes / 8) }
    }
}

type Allocation = (Mapping, Option<Promise>, NodeReport);

/// Page sizes to try, best first.
fn ladder(pages: Pages, bytes: usize) -> &'static [PageSize] {
    use PageSize::{Base, Huge1G, Huge2M, Transparent};
    if !cfg!(target_os = "linux") {
        return &[Base];
    }
    match pages {
        Pages::Largest if bytes >= 1 << 30 => &[Huge1G, Huge2M, Transparent, Base],
        Pages::Largest => &[Huge2M, Transparent, Base],
        Pages::Transparent => &[Transparent, Base],
        Pages::Base => &[Base],
    }
}

/// The first size that `allocate` does not refuse, and the refusals before it.
fn descend<T>(
    sizes: &[PageSize],
    mut allocate: impl FnMut(PageSize) -> Result<T, Refusal>,
) -> (Option<(PageSize, T)>, Vec<Refusal>) {
    let mut refused = Vec::new();
    for &size in sizes {
        match allocate(size) {
            Ok(had) => return (Some((size, had)), refused),
            Err(refusal) => refused.push(refusal),
        }
    }
    (None, refused)
}

/// `bytes` in whole pages; zero bytes take a page too, so that every region has an address.
fn rounded(bytes: usize, size: PageSize) -> Option<usize> {
    bytes.max(1).checked_next_multiple_of(size.bytes())
}

fn out_of_memory(bytes: usize, size: PageSize, errno: Option<i32>) -> Refusal {
    Refusal {
        size,
        errno,
        cause: format!("no memory for {bytes} bytes"),
        remedy: "end other programs, raise the container's memory limit, or fit more memory".to_owned(),
    }
}

fn ordinary(bytes: usize, size: PageSize, node: Option<NodeId>) -> Result<Allocation, Refusal> {
    if size == PageSize::Transparent {
        transparent_allowed()?;
    }
    let rounded = rounded(bytes, size).ok_or_else(|| out_of_memory(bytes, size, None))?;
    let promise = Promise::take(Path::new("/"), rounded).map_err(|_| out_of_memory(bytes, size, None))?;
    let mapping = Mapping::aligned(rounded).map_err(|errno| out_of_memory(bytes, size, Some(errno)))?;
    #[cfg(target_os = "linux")]
    if size == PageSize::Transparent {
        mapping.advise(libc::MADV_HUGEPAGE).map_err(|errno| Refusal {
            size,
            errno: Some(errno),
            cause: "this kernel was built without them".to_owned(),
            remedy: "use a kernel with CONFIG_TRANSPARENT_HUGEPAGE".to_owned(),
        })?;
    }
    let node = place(&mapping, node, rounded);
    Ok((mapping, Some(promise), node))
}

/// The kernel takes the advice without complaint even where it will not follow it.
fn transparent_allowed() -> Result<(), Refusal> {
    let text = fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    if !text.contains("[never]") {
        return Ok(());
    }
    Err(Refusal {
        size: PageSize::Transparent,
        errno: None,
        cause: "they are turned off".to_owned(),
        remedy: "as root: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled".to_owned(),
    })
}

#[cfg(not(target_os = "linux"))]
fn place(_: &Mapping, node: Option<NodeId>, _: usize) -> NodeReport {
    node.map_or(NodeReport::FirstTouch, |node| NodeReport::Refused { node, errno: libc::ENOSYS })
}

/// Bound memory never goes elsewhere, so a node that cannot hold it would end in the kernel killing somebody.
#[cfg(target_os = "linux")]
fn place(mapping: &Mapping, node: Option<NodeId>, bytes: usize) -> NodeReport {
    let Some(node) = node else { return NodeReport::FirstTouch };
    let fits = is_only_node() || node_free_bytes(node).is_some_and(|free| free > bytes as u64);
    let mode = if fits { libc::MPOL_BIND } else { libc::MPOL_PREFERRED };
    match mapping.set_policy(mode, node.0) {
        Ok(()) if fits => NodeReport::Bound(node),
        Ok(()) => NodeReport::Preferred(node),
        Err(errno) => NodeReport::Refused { node, errno },
    }
}

/// Then the machine's memory, checked before, is the node's.
#[cfg(target_os = "linux")]
fn is_only_node() -> bool {
    fs::read_to_string("/sys/devices/system/node/online").is_ok_and(|text| text.trim() == "0")
}

/// Free pages and clean cache of a node.
#[cfg(target_os = "linux")]
fn node_free_bytes(node: NodeId) -> Option<u64> {
    let text = fs::read_to_string(format!("/sys/devices/system/node/node{node}/meminfo")).ok()?;
    let field = |name: &str| crate::limits::kib_field(&text, &format!("Node {node} {name}:"));
    Some(field("MemFree")? + field("Inactive(file)").unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
fn reserved(bytes: usize, size: PageSize, _: Option<NodeId>) -> Result<Allocation, Refusal> {
    Err(out_of_memory(bytes, size, Some(libc::ENOSYS)))
}

#[cfg(target_os = "linux")]
fn reserved(bytes: usize, size: PageSize, node: Option<NodeId>) -> Result<Allocation, Refusal> {
    let rounded = rounded(bytes, size).ok_or_else(|| out_of_memory(bytes, size, None))?;
    let refuse = |node, errno| pool_refusal(size, rounded, node, errno);
    let flags = libc::MAP_HUGETLB | (size.bytes().trailing_zeros() as i32) << libc::MAP_HUGE_SHIFT;
    let mapping = Mapping::anonymous(rounded, flags).map_err(|errno| refuse(None, errno))?;
    let report = match node.map(|node| (node, mapping.set_policy(libc::MPOL_BIND, node.0))) {
        None => NodeReport::FirstTouch,
        Some((node, Ok(()))) => NodeReport::Bound(node),
        Some((node, Err(errno))) => NodeReport::Refused { node, errno },
    };
    // The kernel has promised pages of the machine, not of the node or of the control group; touching one
    // that is not there would raise SIGBUS. Taken now, the lack is an error.
    match (mapping.advise(libc::MADV_POPULATE_WRITE), report) {
        (Ok(()), report) => Ok((mapping, None, report)),
        // Kernels before 5.14 cannot be asked, and there only the machine's promise holds.
        (Err(libc::EINVAL), NodeReport::Bound(node)) => {
            match mapping.set_policy(libc::MPOL_PREFERRED, node.0) {
                Ok(()) => Ok((mapping, None, NodeReport::Preferred(node))),
                Err(errno) => Err(refuse(Some(node), errno)),
            }
        }
        (Err(libc::EINVAL), report) => Ok((mapping, None, report)),
        (Err(errno), _) => Err(refuse(node, errno)),
    }
}

#[cfg(target_os = "linux")]
fn pool_refusal(size: PageSize, bytes: usize, node: Option<NodeId>, errno: i32) -> Refusal {
    let root = Path::new("/");
    let page = size.bytes() as u64;
    let needed = bytes as u64 / page;
    let pool = crate::HugePool::read(root, page, node);
    let at = node.map_or_else(String::new, |node| format!(" on node {node}"));
    let cause = match pool {
        None => "this kernel has no pages of this size".to_owned(),
        Some(pool) => format!("{} of {}{at} are free, {needed} are needed", pool.free, pool.total),
    };
    Refusal { size, errno: Some(errno), cause, remedy: crate::HugePool::remedy(pool, page, node, needed) }
}

#[cfg(test)]
#[path = "region_tests.rs"]
mod tests;
