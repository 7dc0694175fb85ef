use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use otedama_dag::{Dataset, DatasetStore, ETHASH, Epoch, LightCache, Rules, Source, reference};
use otedama_hash_api::{HashError, Progress};
use otedama_memory::NodeId;

/// A family member whose dataset is made in a moment, and has more than one chunk in its file.
const SMALL: Rules = Rules {
    name: "small",
    parents: 4,
    light_bytes_at_start: 1 << 20,
    dataset_bytes_at_start: 17 << 20,
    ..ETHASH
};

/// A directory of its own for each test, removed with what is in it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("otedama-dag-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a temporary directory");
        Self(path)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("the directory");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn light(number: u32) -> LightCache {
    let epoch = Epoch::new(SMALL, number).expect("a known epoch");
    LightCache::build(epoch, &Progress::default()).expect("memory")
}

fn small_dataset(cache: &LightCache) -> Dataset {
    Dataset::build(cache, 2, &Progress::default()).expect("memory")
}

fn problem_of(store: &DatasetStore, cache: &LightCache) -> String {
    match store.load(cache, 2, &Progress::default()) {
        Err(HashError::DatasetFile { path, problem }) => {
            assert_eq!(Path::new(&path), store.path_of(cache.epoch()));
            problem
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_dataset_holds_every_item() {
    let cache = light(0);
    let progress = Progress::default();
    let dataset = Dataset::build(&cache, 3, &progress).expect("memory");
    let count = dataset.items_512().len();
    assert_eq!(count, 2 * cache.epoch().dataset_items() as usize);
    assert_eq!(progress.get(), (count as u64 / 2, count as u64 / 2));
    for (index, item) in dataset.items_512().iter().enumerate() {
        let expected = reference::dataset_item_512(cache.items(), SMALL.parents, index as u32);
        assert_eq!(*item, expected, "item {index}");
    }
}

#[test]
fn a_copy_for_another_node_is_the_same() {
    let dataset = small_dataset(&light(0));
    let progress = Progress::default();
    let copy = dataset.replicate(NodeId(0), &progress).expect("memory");
    assert!(copy.items() == dataset.items(), "the copy differs");
    assert_eq!(copy.epoch(), dataset.epoch());
    progress.cancel();
    assert_eq!(dataset.replicate(NodeId(0), &progress).err(), Some(HashError::Cancelled));
}

#[test]
fn a_saved_dataset_is_read_back() {
    let directory = Directory::new();
    let cache = light(0);
    let store = DatasetStore::new(directory.0.join("not/yet/there"), 1);
    let progress = Progress::default();
    assert!(store.load(&cache, 2, &progress).expect("no trouble").is_none());
    let first = store.open_or_build(&cache, 2, &progress).expect("a dataset");
    assert!(
        first.source == Source::Computed && first.rejected.is_none() && first.unsaved.is_none(),
        "{first:?}"
    );
    let again = store.open_or_build(&cache, 2, &progress).expect("a dataset");
    assert!(again.source == Source::File && again.rejected.is_none(), "{again:?}");
    assert!(first.dataset.items() == again.dataset.items(), "another dataset came back");
}

#[test]
fn a_dataset_computed_into_its_file_is_the_same() {
    let directory = Directory::new();
    let cache = light(0);
    let store = DatasetStore::new(&directory.0, 1);
    let progress = Progress::default();
    store.build(&cache, 2, &progress).expect("room on the disk");
    let items = u64::from(cache.epoch().dataset_items());
    assert_eq!(progress.get(), (items, items));
    let loaded = store.load(&cache, 2, &progress).expect("a sound file").expect("a file");
    assert!(loaded.items() == small_dataset(&cache).items(), "another dataset came back");
    // It is not computed twice, but again when it was cut off.
    let again = Progress::default();
    store.build(&cache, 2, &again).expect("nothing to do");
    assert_eq!(again.get(), (0, 0));
    let file = File::options().write(true).open(store.path_of(cache.epoch())).expect("the file");
    file.set_len(5000).expect("the file cut off");
    store.build(&cache, 2, &again).expect("room on the disk");
    assert_eq!(again.get(), (items, items));
}

#[test]
fn a_damaged_file_is_named_and_replaced() {
    let directory = Directory::new();
    let cache = light(0);
    let store = DatasetStore::new(&directory.0, 1);
    let path = store.path_of(cache.epoch());
    store.save(&small_dataset(&cache), 1, &Progress::default()).expect("room on the disk");
    let sound = fs::read(&path).expect("the file");
    let items = 4096..sound.len() - 2 * 64;
    // Magic, seed, digest, items of both chunks with the last one, the table of checksums.
    for (at, expected) in [
        (0, "no dataset of this version"),
        (9, "another epoch"),
        (60, "header or its table"),
        (items.start, "part 0 is damaged"),
        (items.start + (16 << 20), "part 1 is damaged"),
        (items.end - 1, "part 1 is damaged"),
        (items.end, "header or its table"),
    ] {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, &bytes).expect("room on the disk");
        let problem = problem_of(&store, &cache);
        assert!(problem.contains(expected), "byte {at}: {problem}");
    }
    let opened = store.open_or_build(&cache, 2, &Progress::default()).expect("a dataset");
    assert!(opened.source == Source::Computed && opened.unsaved.is_none(), "{opened:?}");
    assert_eq!(opened.rejected.map(|error| error.code()), Some("DATASET_FILE"));
    assert!(fs::read(&path).expect("the file") == sound, "the file was not made good");
}

#[test]
fn a_file_of_another_length_is_named() {
    let directory = Directory::new();
    let cache = light(0);
    let store = DatasetStore::new(&directory.0, 1);
    let path = store.path_of(cache.epoch());
    store.save(&small_dataset(&cache), 1, &Progress::default()).expect("room on the disk");
    let bytes = fs::metadata(&path).expect("the file").len();
    for length in [0, 4095, bytes / 2, bytes - 1, bytes + 1] {
        File::options().write(true).open(&path).and_then(|file| file.set_len(length)).expect("the file");
        assert_eq!(problem_of(&store, &cache), format!("it has {length} bytes and not {bytes}"));
    }
}

#[test]
fn a_sound_file_of_wrong_items_is_noticed() {
    let directory = Directory::new();
    let store = DatasetStore::new(&directory.0, 1);
    let cache = light(0);
    // A machine that forgets to mix any parents and sums up what it has computed.
    let faulty = LightCache::build(
        Epoch::new(Rules { parents: 0, ..SMALL }, 0).expect("a known epoch"),
        &Progress::default(),
    )
    .expect("memory");
    store.save(&small_dataset(&faulty), 1, &Progress::default()).expect("room on the disk");
    let path = store.path_of(cache.epoch());
    let mut bytes = fs::read(&path).expect("the file");
    assert_eq!(problem_of(&store, &cache), "this is the dataset of another epoch");
    // The parents' number in the header, and the digest that covers it and the table.
    bytes[48..52].copy_from_slice(&SMALL.parents.to_le_bytes());
    let table = bytes[bytes.len() - 2 * 64..].to_vec();
    let digest = otedama_keccak::keccak256(&[&bytes[..56], &table].concat());
    bytes[56..88].copy_from_slice(&digest);
    fs::write(&path, bytes).expect("room on the disk");
    assert_eq!(problem_of(&store, &cache), "its item 0 is wrong");
}

#[test]
fn a_dataset_that_cannot_be_saved_is_still_given() {
    let directory = Directory::new();
    // A file where the directory should be.
    let blocked = directory.0.join("blocked");
    fs::write(&blocked, b"").expect("room on the disk");
    let cache = light(0);
    let store = DatasetStore::new(&blocked, 1);
    let opened = store.open_or_build(&cache, 2, &Progress::default()).expect("a dataset");
    assert!(opened.dataset.items() == small_dataset(&cache).items(), "not the dataset");
    assert!(matches!(opened.unsaved, Some(HashError::DatasetFile { .. })), "{:?}", opened.unsaved);
}

#[test]
fn what_others_are_writing_is_left_alone() {
    let directory = Directory::new();
    let cache = light(0);
    let store = DatasetStore::new(&directory.0, 1);
    let unfinished = directory.0.join("small-7-00.99-0.unfinished");
    let other = File::create(&unfinished).expect("room on the disk");
    other.lock().expect("a lock");
    let dataset = small_dataset(&cache);
    store.save(&dataset, 1, &Progress::default()).expect("room on the disk");
    assert!(unfinished.exists());
    // The other process ends.
    drop(other);
    store.save(&dataset, 1, &Progress::default()).expect("room on the disk");
    assert!(!unfinished.exists());
}

#[test]
fn the_longest_unused_datasets_make_room() {
    let directory = Directory::new();
    let store = DatasetStore::new(&directory.0, 2);
    let caches = [light(0), light(1), light(2)];
    let save = |cache| store.save(&small_dataset(cache), 2, &Progress::default()).expect("room on the disk");
    let name = |cache: &LightCache| {
        let path = store.path_of(cache.epoch());
        path.file_name().expect("a name").to_str().expect("UTF-8").to_owned()
    };
    fs::write(directory.0.join("notes.txt"), b"of the owner").expect("room");
    save(&caches[0]);
    save(&caches[1]);
    for (cache, days) in [(&caches[0], 3), (&caches[1], 2)] {
        let then = SystemTime::now() - Duration::from_secs(days * 86_400);
        let file = File::options().write(true).open(store.path_of(cache.epoch())).expect("the file");
        file.set_modified(then).expect("the time set");
    }
    // Reading the older one makes it the newer.
    assert!(store.load(&caches[0], 1, &Progress::default()).expect("a sound file").is_some());
    save(&caches[2]);
    assert_eq!(directory.names(), ["notes.txt".to_owned(), name(&caches[0]), name(&caches[2])]);
}

#[test]
fn cancelled_work_leaves_nothing_behind() {
    let directory = Directory::new();
    let cache = light(0);
    let store = DatasetStore::new(&directory.0, 1);
    let dataset = small_dataset(&cache);
    let cancelled = Progress::default();
    cancelled.cancel();
    assert_eq!(Dataset::build(&cache, 2, &cancelled).err(), Some(HashError::Cancelled));
    assert_eq!(store.save(&dataset, 2, &cancelled), Err(HashError::Cancelled));
    assert_eq!(store.build(&cache, 2, &cancelled), Err(HashError::Cancelled));
    assert_eq!(directory.names(), [""; 0]);
    store.save(&dataset, 2, &Progress::default()).expect("room on the disk");
    assert_eq!(store.load(&cache, 2, &cancelled).err(), Some(HashError::Cancelled));
}
