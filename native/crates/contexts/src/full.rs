use std::path::Path;
use std::sync::Arc;

use otedama_dag::{DatasetStore, LightCache};
use otedama_hash_api::{HashError, Progress};
use otedama_hash_randomx as randomx;
use otedama_memory::{MemoryLimits, NodeId, PageReport, Topology};

use crate::{BuildOptions, Key, Light, LightKind};

/// Datasets kept in a directory: the one in use, the one before it, and the next.
const KEPT: usize = 3;

/// What mining reads.
#[derive(Debug)]
pub struct Full {
    pub kind: FullKind,
    /// What went wrong on the way without being in the way, for people: a damaged file that was built anew, a
    /// dataset that could not be saved, a node without room for its copy.
    pub notes: Vec<String>,
}

#[derive(Debug)]
pub enum FullKind {
    Ethash(Copies<otedama_dag::Dataset>),
    KawPow(Copies<otedama_dag::Dataset>),
    RandomX(Copies<randomx::Dataset>),
}

/// A copy for each NUMA node that has room; the first serves the others.
#[derive(Debug)]
pub struct Copies<T> {
    first: Arc<T>,
    others: Vec<(NodeId, Arc<T>)>,
}

impl<T> Copies<T> {
    /// Copies the first to all nodes but its own. What cannot be copied is noted.
    fn of(
        first: Arc<T>,
        replicate: impl Fn(NodeId) -> Result<Arc<T>, HashError>,
        notes: &mut Vec<String>,
    ) -> Result<Self, HashError> {
        let mut others = Vec::new();
        for node in Topology::current().nodes.iter().skip(1) {
            match replicate(node.id) {
                Ok(copy) => others.push((node.id, copy)),
                Err(HashError::Cancelled) => return Err(HashError::Cancelled),
                Err(error) => notes.push(format!("no copy of the dataset on node {}: {error}", node.id)),
            }
        }
        Ok(Self { first, others })
    }

    /// The copy that a thread on this node should read.
    pub fn near(&self, node: Option<NodeId>) -> &Arc<T> {
        self.others.iter().find(|(of, _)| Some(*of) == node).map_or(&self.first, |(_, copy)| copy)
    }

    const fn count(&self) -> u64 {
        1 + self.others.len() as u64
    }
}

impl Full {
    pub(crate) fn build(
        light: &Light,
        options: &BuildOptions,
        progress: &Progress,
    ) -> Result<Self, HashError> {
        let mut notes = Vec::new();
        let kind = match &light.kind {
            LightKind::Ethash(cache) => FullKind::Ethash(dag(cache, options, progress, &mut notes)?),
            LightKind::KawPow(context) => {
                FullKind::KawPow(dag(context.cache(), options, progress, &mut notes)?)
            }
            LightKind::RandomX(cache) => FullKind::RandomX(randomx(cache, options, progress, &mut notes)?),
        };
        Ok(Self { kind, notes })
    }

    pub fn bytes(&self) -> u64 {
        match &self.kind {
            FullKind::Ethash(copies) | FullKind::KawPow(copies) => {
                copies.count() * copies.first.epoch().dataset_bytes()
            }
            FullKind::RandomX(copies) => copies.count() * randomx::Dataset::BYTES,
        }
    }

    /// The pages it lies on, and how to get larger ones.
    pub fn pages(&self) -> &PageReport {
        match &self.kind {
            FullKind::Ethash(copies) | FullKind::KawPow(copies) => copies.first.region().had(),
            FullKind::RandomX(copies) => copies.first.pages(),
        }
    }
}

fn dag(
    cache: &LightCache,
    options: &BuildOptions,
    progress: &Progress,
    notes: &mut Vec<String>,
) -> Result<Copies<otedama_dag::Dataset>, HashError> {
    let threads = options.threads.get();
    let first = match &options.directory {
        None => Arc::new(otedama_dag::Dataset::build(cache, threads, progress)?),
        Some(directory) => {
            let opened = DatasetStore::new(directory, KEPT).open_or_build(cache, threads, progress)?;
            notes.extend(opened.rejected.map(|error| format!("{error}; built anew")));
            notes.extend(opened.unsaved.map(|error| format!("not saved: {error}")));
            opened.dataset
        }
    };
    let replicate = |node| first.replicate(node, progress).map(Arc::new);
    Copies::of(Arc::clone(&first), replicate, notes)
}

fn randomx(
    cache: &randomx::Cache,
    options: &BuildOptions,
    progress: &Progress,
    notes: &mut Vec<String>,
) -> Result<Copies<randomx::Dataset>, HashError> {
    let nodes = Topology::current().nodes;
    // Where there is one node only there is nothing to bind to.
    let home = if nodes.len() > 1 { nodes.first().map(|node| node.id) } else { None };
    let first = randomx::Dataset::build(cache, options.threads, home, progress)?;
    Copies::of(Arc::clone(&first), |node| first.replicate(node, progress), notes)
}

/// Puts the next epoch's dataset into the directory; an error where there is none or no file of this kind.
pub fn store_ahead(light: &Light, options: &BuildOptions, progress: &Progress) -> Result<(), HashError> {
    let cache = match &light.kind {
        LightKind::Ethash(cache) => cache,
        LightKind::KawPow(context) => context.cache(),
        LightKind::RandomX(_) => return Ok(()),
    };
    let Some(directory) = &options.directory else { return Ok(()) };
    DatasetStore::new(directory, KEPT).build(cache, options.threads.get(), progress)
}

/// Whether the system has the memory, as far as it tells.
pub fn check_room(key: Key) -> Result<(), HashError> {
    let bytes = match key {
        Key::Epoch(epoch) => epoch.dataset_bytes(),
        Key::Seed(_) => randomx::Dataset::BYTES,
    };
    match MemoryLimits::read(Path::new("/")) {
        Some(limits) if limits.usable() < bytes => {
            Err(HashError::OutOfMemory { bytes: usize::try_from(bytes).unwrap_or(usize::MAX) })
        }
        _ => Ok(()),
    }
}
