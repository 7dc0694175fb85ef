//! Damaged and made-up files in place of a dataset: either the very dataset is read or the file is refused.

use std::fs;
use std::path::PathBuf;

use otedama_dag::{Dataset, DatasetStore, ETHASH, Epoch, LightCache, Rules};
use otedama_hash_api::{HashError, Progress};

use crate::input::Input;

/// A dataset of 61 items of 128 bytes.
const RULES: Rules = Rules {
    name: "fuzz",
    parents: 2,
    light_bytes_at_start: 1 << 12,
    dataset_bytes_at_start: 1 << 13,
    ..ETHASH
};

struct Sound {
    directory: PathBuf,
    path: PathBuf,
    store: DatasetStore,
    cache: LightCache,
    dataset: Dataset,
    file: Vec<u8>,
}

thread_local! {
    static SOUND: Sound = Sound::new();
}

impl Sound {
    /// In a directory of this process: fuzzers run in several.
    fn new() -> Self {
        let epoch = Epoch::new(RULES, 0).expect("epoch 0 is known");
        let directory = std::env::temp_dir().join(format!("otedama-fuzz-{}", std::process::id()));
        let store = DatasetStore::new(&directory, 1);
        let progress = Progress::default();
        let cache = LightCache::build(epoch, &progress).expect("there is memory");
        let dataset = Dataset::build(&cache, 1, &progress).expect("there is memory");
        store.save(&dataset, 1, &progress).expect("there is room on the disk");
        let path = store.path_of(epoch);
        let file = fs::read(&path).expect("the file was written");
        Self { directory, path, store, cache, dataset, file }
    }

    fn load(&self, bytes: &[u8]) {
        fs::write(&self.path, bytes).expect("there is room on the disk");
        match self.store.load(&self.cache, 1, &Progress::default()) {
            Ok(Some(dataset)) => assert!(dataset.items_512() == self.dataset.items_512(), "read wrong items"),
            Ok(None) => panic!("the file is there"),
            Err(HashError::DatasetFile { .. }) => assert_ne!(bytes, self.file, "refused a sound file"),
            Err(error) => panic!("{error}"),
        }
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        // A directory that cannot be removed is the system's to clean up.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Half of the inputs are the file, half are a length and places with a new byte each.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let whole = !input.byte().is_multiple_of(2);
    SOUND.with(|sound| sound.load(&if whole { input.rest().to_vec() } else { edited(&sound.file, input) }));
}

fn edited(file: &[u8], mut input: Input<'_>) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let missing = usize::from(input.u16());
    for [low, high, value] in input.rest().as_chunks().0 {
        let at = usize::from(u16::from_le_bytes([*low, *high])) % bytes.len();
        bytes[at] = *value;
    }
    bytes.truncate(bytes.len().saturating_sub(missing));
    bytes
}

pub fn seeds() -> Vec<Vec<u8>> {
    let whole = SOUND.with(|sound| [&[1], &sound.file[..]].concat());
    vec![vec![], vec![0, 1, 0], vec![0, 0, 0, 56, 0, 9], vec![0, 0, 0, 0, 16, 1], whole]
}
