//! Datasets on disk: a restart reads in seconds what takes minutes to compute.

use std::borrow::Cow;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use otedama_hash_api::{HashError, Progress};

use crate::dataset::{Dataset, ITEMS_PER_TASK, fill};
use crate::engine::Engine;
use crate::epoch::Epoch;
use crate::file::{CHUNK_ITEMS, Checksum, HEADER_BYTES, Layout, Problem};
use crate::items::{Item512, as_bytes, as_bytes_mut};
use crate::light::LightCache;
use crate::work::share;

const EXTENSION: &str = "otedag";
const UNFINISHED: &str = "unfinished";

/// Items of 64 bytes read or written between two looks at the caller's wish to cancel.
const ITEMS_PER_CALL: usize = (1 << 20) / size_of::<Item512>();

/// Items that are computed anew after a dataset was read: enough to notice a file that a machine with a fault
/// computed wrong and summed up right.
const SAMPLES: usize = 64;

/// A directory of datasets, which any number of processes may share.
#[derive(Debug)]
pub struct DatasetStore {
    directory: PathBuf,
    keep: usize,
}

/// Where a dataset came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was in memory.
    Held,
    File,
    Computed,
}

/// A dataset and how it was had.
#[derive(Clone, Debug)]
pub struct Opened {
    pub dataset: Arc<Dataset>,
    pub source: Source,
    /// There was a file, and it could not be used.
    pub rejected: Option<HashError>,
    /// The dataset could not be saved: the next start computes it again.
    pub unsaved: Option<HashError>,
}

impl DatasetStore {
    /// `keep` is how many datasets stay when one more is saved, that one included.
    pub fn new(directory: impl Into<PathBuf>, keep: usize) -> Self {
        Self { directory: directory.into(), keep: keep.max(1) }
    }

    pub fn path_of(&self, epoch: Epoch) -> PathBuf {
        let seed: String = epoch.seed()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(format!("{}-{}-{seed}.{EXTENSION}", epoch.rules().name, epoch.number()))
    }

    /// Reads the dataset of the cache's epoch, or else computes and saves it. An error means that there is no
    /// dataset to give; trouble with files is told beside it.
    pub fn open_or_build(
        &self,
        cache: &LightCache,
        threads: usize,
        progress: &Progress,
    ) -> Result<Opened, HashError> {
        let rejected = match self.load(cache, threads, progress) {
            Ok(Some(dataset)) => {
                let dataset = Arc::new(dataset);
                return Ok(Opened { dataset, source: Source::File, rejected: None, unsaved: None });
            }
            Ok(None) => None,
            Err(error @ HashError::DatasetFile { .. }) => Some(error),
            Err(error) => return Err(error),
        };
        let dataset = Arc::new(Dataset::build(cache, threads, progress)?);
        match self.save(&dataset, threads, progress) {
            Err(HashError::Cancelled) => Err(HashError::Cancelled),
            saved => Ok(Opened { dataset, source: Source::Computed, rejected, unsaved: saved.err() }),
        }
    }

    /// None where there is no file. Progress counts items of 128 bytes.
    pub fn load(
        &self,
        cache: &LightCache,
        threads: usize,
        progress: &Progress,
    ) -> Result<Option<Dataset>, HashError> {
        let path = self.path_of(cache.epoch());
        let reject = |problem| file_error(&path, problem);
        let layout = Layout::of(cache.epoch());
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(|error| reject(error.to_string()))?,
        };
        let checksums = read_table(&mut file, &layout).map_err(reject)?;
        let mut dataset = Dataset::allocate(cache.epoch(), None)?;
        progress.begin(u64::from(cache.epoch().dataset_items()));
        let tasks = dataset.items_512_mut().chunks_mut(CHUNK_ITEMS).zip(&checksums).enumerate();
        share(threads, progress, tasks, |(chunk, (items, expected))| {
            let sum = read_items(&path, layout.chunk_offset(chunk), items, progress)
                .map_err(|error| reject(error.to_string()))?;
            if sum == *expected || progress.is_cancelled() {
                return Ok(());
            }
            Err(reject(format!("its part {chunk} is damaged")))
        })?;
        check_samples(&dataset, cache).map_err(reject)?;
        // Datasets in use are the last to be removed. Where the time cannot be set, only writing one counts.
        file.set_modified(SystemTime::now()).ok();
        Ok(Some(dataset))
    }

    /// Writes the dataset, and then removes those that were not used for longest.
    pub fn save(&self, dataset: &Dataset, threads: usize, progress: &Progress) -> Result<(), HashError> {
        let items = dataset.items_512();
        self.write(dataset.epoch(), threads, progress, |chunk| {
            let start = chunk * CHUNK_ITEMS;
            let chunk = &items[start..items.len().min(start + CHUNK_ITEMS)];
            progress.add(chunk.len() as u64 / 2);
            Ok(Cow::Borrowed(chunk))
        })
    }

    /// Computes the dataset into its file, with memory for no more than 16 MiB for each thread: for when the
    /// next epoch's dataset does not fit beside the one in use. Done at once where there is a whole file.
    pub fn build(&self, cache: &LightCache, threads: usize, progress: &Progress) -> Result<(), HashError> {
        let engine = Engine::fastest();
        let layout = Layout::of(cache.epoch());
        let stored = File::open(self.path_of(cache.epoch()));
        if stored.is_ok_and(|mut file| read_table(&mut file, &layout).is_ok()) {
            return Ok(());
        }
        self.write(cache.epoch(), threads, progress, |chunk| {
            let mut items = vec![[0; 16]; layout.chunk_items(chunk)];
            let mut first = (chunk * CHUNK_ITEMS) as u32;
            for items in items.chunks_mut(ITEMS_PER_TASK) {
                if progress.is_cancelled() {
                    return Err(HashError::Cancelled);
                }
                fill(cache, &engine, first, items);
                first = first.wrapping_add(items.len() as u32);
                progress.add(items.len() as u64 / 2);
            }
            Ok(Cow::Owned(items))
        })
    }

    /// Writes a file of the chunks that `produce` gives. It gets its name when it is whole and on the disk.
    fn write<'a>(
        &self,
        epoch: Epoch,
        threads: usize,
        progress: &Progress,
        produce: impl Fn(usize) -> Result<Cow<'a, [Item512]>, HashError> + Sync,
    ) -> Result<(), HashError> {
        let path = self.path_of(epoch);
        let layout = Layout::of(epoch);
        progress.begin(u64::from(epoch.dataset_items()));
        let fail = |error: std::io::Error| file_error(&path, error.to_string());
        fs::create_dir_all(&self.directory).map_err(fail)?;
        self.remove_abandoned();
        let unfinished = Unfinished::create(&path, &layout).map_err(fail)?;
        let checksums = Mutex::new(vec![[0; 16]; layout.chunks()]);
        share(threads, progress, 0..layout.chunks(), |chunk| {
            let items = produce(chunk)?;
            let sum = unfinished.write_items(layout.chunk_offset(chunk), &items, progress).map_err(fail)?;
            checksums.lock().unwrap_or_else(PoisonError::into_inner)[chunk] = sum;
            Ok(())
        })?;
        let checksums = checksums.into_inner().unwrap_or_else(PoisonError::into_inner);
        unfinished.finish(&layout, &checksums, &path).map_err(fail)?;
        self.prune(&path);
        Ok(())
    }

    /// Removes what processes that ended before they had finished left behind: their locks are gone.
    fn remove_abandoned(&self) {
        for path in self.files(UNFINISHED) {
            let abandoned = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
            if abandoned {
                fs::remove_file(path).ok();
            }
        }
    }

    /// Removes the datasets beyond the number to keep. What cannot be removed stays: it does no harm but the
    /// space it takes.
    fn prune(&self, saved: &Path) {
        let modified = |path: PathBuf| Some((fs::metadata(&path).ok()?.modified().ok()?, path));
        let others = self.files(EXTENSION).into_iter().filter(|path| path != saved);
        let mut others: Vec<_> = others.filter_map(modified).collect();
        others.sort();
        let surplus = (others.len() + 1).saturating_sub(self.keep);
        for (_, path) in others.into_iter().take(surplus) {
            fs::remove_file(path).ok();
        }
    }

    /// Files of the directory with an extension; none where it cannot be read.
    fn files(&self, extension: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        paths.filter(|path| path.extension().is_some_and(|other| other == extension)).collect()
    }
}

fn file_error(path: &Path, problem: Problem) -> HashError {
    HashError::DatasetFile { path: path.display().to_string(), problem }
}

/// The checksums, once header and length are seen to be those of the epoch's file.
fn read_table(file: &mut File, layout: &Layout) -> Result<Vec<Item512>, Problem> {
    let text = |error: std::io::Error| error.to_string();
    let bytes = file.metadata().map_err(text)?.len();
    if bytes != layout.file_bytes() {
        return Err(format!("it has {bytes} bytes and not {}", layout.file_bytes()));
    }
    let mut header = [0; HEADER_BYTES];
    let mut checksums = vec![[0; 16]; layout.chunks()];
    file.read_exact(&mut header).map_err(text)?;
    file.seek(SeekFrom::Start(layout.checksums_offset())).map_err(text)?;
    file.read_exact(as_bytes_mut(&mut checksums)).map_err(text)?;
    layout.check_header(&header, &checksums)?;
    Ok(checksums)
}

/// Reads consecutive items and sums them up; ends early when cancelled.
fn read_items(
    path: &Path,
    offset: u64,
    items: &mut [Item512],
    progress: &Progress,
) -> std::io::Result<Item512> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut checksum = Checksum::default();
    for items in items.chunks_mut(ITEMS_PER_CALL) {
        if progress.is_cancelled() {
            break;
        }
        file.read_exact(as_bytes_mut(items))?;
        checksum.add(items);
        progress.add(items.len() as u64 / 2);
    }
    Ok(checksum.value())
}

fn check_samples(dataset: &Dataset, cache: &LightCache) -> Result<(), Problem> {
    let items = dataset.items_512();
    let indexes: [u32; SAMPLES] = core::array::from_fn(|sample| {
        let spread = (items.len() - 1) as u64 * sample as u64 / (SAMPLES as u64 - 1);
        spread as u32
    });
    let mut expected = [[0; 16]; SAMPLES];
    cache.dataset_items_512(&Engine::fastest(), &indexes, &mut expected);
    for (index, expected) in indexes.into_iter().zip(expected) {
        if items[index as usize] != expected {
            return Err(format!("its item {index} is wrong"));
        }
    }
    Ok(())
}

/// A file under a name of its own until it is finished, and removed if it is not. Locked meanwhile, to tell it
/// from one that was abandoned.
struct Unfinished {
    path: PathBuf,
    locked: File,
}

impl Unfinished {
    fn create(finished: &Path, layout: &Layout) -> std::io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (path, file) = loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let path = finished.with_extension(format!("{}-{count}.{UNFINISHED}", std::process::id()));
            match File::create_new(&path) {
                // Processes of two containers can have one number.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                created => break (path, created?),
            }
        };
        // Where the file system has no locks, nothing counts as abandoned either.
        file.lock().ok();
        let unfinished = Self { path, locked: file };
        unfinished.locked.set_len(layout.file_bytes())?;
        Ok(unfinished)
    }

    /// Writes consecutive items and gives their checksum; ends early when cancelled.
    fn write_items(&self, offset: u64, items: &[Item512], progress: &Progress) -> std::io::Result<Item512> {
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut checksum = Checksum::default();
        for items in items.chunks(ITEMS_PER_CALL) {
            if progress.is_cancelled() {
                break;
            }
            checksum.add(items);
            file.write_all(as_bytes(items))?;
        }
        Ok(checksum.value())
    }

    fn finish(self, layout: &Layout, checksums: &[Item512], path: &Path) -> std::io::Result<()> {
        let mut file = &self.locked;
        file.seek(SeekFrom::Start(layout.checksums_offset()))?;
        file.write_all(as_bytes(checksums))?;
        // The header makes the file valid: it must not reach the disk before the rest.
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&layout.header(checksums))?;
        file.sync_all()?;
        fs::rename(&self.path, path)?;
        #[cfg(unix)]
        if let Some(directory) = path.parent() {
            File::open(directory)?.sync_all()?;
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a rename there is nothing under this name.
        fs::remove_file(&self.path).ok();
    }
}
