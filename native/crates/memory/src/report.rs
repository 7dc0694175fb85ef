use core::fmt;

use crate::NodeId;
use crate::mapping::{Errno, page_bytes};

/// What a caller asks for. Whatever is refused, smaller pages are tried; only the last refusal is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// Reserved 1 GB pages if the memory fills one, reserved 2 MB pages, transparent huge pages.
    Largest,
    /// Ordinary pages that the kernel may put together to 2 MB; nothing has to be set up for them.
    Transparent,
    Base,
}

/// What was had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageSize {
    Base,
    /// Advised: the kernel uses 2 MB pages where it finds unfragmented memory.
    Transparent,
    Huge2M,
    Huge1G,
}

impl PageSize {
    pub fn bytes(self) -> usize {
        match self {
            Self::Base => page_bytes(),
            Self::Transparent | Self::Huge2M => 2 << 20,
            Self::Huge1G => 1 << 30,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "ordinary pages",
            Self::Transparent => "transparent 2 MB pages",
            Self::Huge2M => "reserved 2 MB pages",
            Self::Huge1G => "reserved 1 GB pages",
        }
    }
}

/// A page size that was tried in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub size: PageSize,
    /// None where a setting and no system call says no.
    pub errno: Option<Errno>,
    pub cause: String,
    /// Commands for the machine's owner.
    pub remedy: String,
}

/// Where the memory is, of what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeReport {
    /// No node was asked for: pages come from the node of the thread that touches them first.
    FirstTouch,
    /// Pages come from this node only.
    Bound(NodeId),
    /// The node is short of memory: pages come from it while it lasts, then from others.
    Preferred(NodeId),
    /// As [`Self::FirstTouch`], because the kernel refused; containers often forbid the call.
    Refused { node: NodeId, errno: Errno },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageReport {
    pub asked: Pages,
    pub had: PageSize,
    /// In the order tried, largest first.
    pub refused: Vec<Refusal>,
    pub node: NodeReport,
}

impl fmt::Display for PageReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.had.name())?;
        for refusal in &self.refused {
            write!(formatter, "; no {}: {}, remedy: {}", refusal.size.name(), refusal.cause, refusal.remedy)?;
        }
        match &self.node {
            NodeReport::FirstTouch => Ok(()),
            NodeReport::Bound(node) => write!(formatter, "; on node {node}"),
            NodeReport::Preferred(node) => {
                write!(formatter, "; on node {node} as far as its memory goes")
            }
            NodeReport::Refused { node, errno } => {
                let error = std::io::Error::from_raw_os_error(*errno);
                write!(formatter, "; not bound to node {node}: {error}")
            }
        }
    }
}
