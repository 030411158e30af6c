//! The folder of a company: on disk, or the sample that is compiled in.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use include_dir::{Dir, include_dir};

use super::{look, unread};
use crate::source::Files;

const MB: u64 = 1024 * 1024;
/// The largest file: ten thousand articles of the longest kind are several files.
const LARGEST: u64 = 16 * MB;
/// The largest folder, and the most files in it.
const LARGEST_FOLDER: u64 = 128 * MB;
const MOST_FILES: usize = 20_000;
/// How deep folders may stand in each other; what is deeper is not read.
const DEEPEST: usize = 6;

/// The sample company, compiled in: what runs without any configuration.
static CONTOSO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/deploy/contoso");

/// True for what a company is made of; a page for its readers beside it is none of it.
fn is_ours(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| matches!(extension, "yaml" | "hbs" | "json" | "dialog"))
        || is_picture(path)
}

/// True for what becomes the address of a picture instead of a text.
fn is_picture(path: &Path) -> bool {
    path.extension().and_then(|extension| extension.to_str()) == Some("png")
}

/// The sample company.
pub fn contoso() -> Files {
    fn add(dir: &Dir<'_>, files: &mut Files) {
        for file in dir.files() {
            let text = if is_picture(file.path()) {
                Some(look::address(file.contents()))
            } else {
                file.contents_utf8().filter(|_| is_ours(file.path())).map(str::to_owned)
            };
            if let (Some(path), Some(text)) = (file.path().to_str(), text) {
                files.insert(path.replace('\\', "/"), text);
            }
        }
        dir.dirs().for_each(|dir| add(dir, files));
    }
    let mut files = Files::new();
    add(&CONTOSO, &mut files);
    files
}

/// Reads a company folder from disk: everything that ends in `.yaml`, `.hbs`, `.json`, `.dialog` or
/// `.png`, and of what only looks as if it belonged to the company the name (see
/// `unread::is_noticed`).
/// Regular files inside the folder alone, links followed as far as they stay there (Kubernetes
/// mounts its files as links). Blocking: call it at start or from a thread of its own.
///
/// # Errors
/// When it cannot be read, or holds what no company needs: the first such file, and what to do.
pub fn read_folder(folder: &Path) -> io::Result<Files> {
    let mut reading = Reading { size: 0, files: Files::new() };
    for (name, found) in walk(folder)? {
        reading.add(name, found)?;
    }
    Ok(reading.files)
}

/// What a folder looks like from outside: its files' names, sizes and times, or why it cannot be
/// looked at. Two that are alike stand for the same content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Result<BTreeMap<String, Option<Mark>>, String>);

/// A file from outside. On Unix a file that was replaced, or written within one tick of the clock,
/// is another one all the same.
type Mark = (u64, Option<SystemTime>, [i64; 4]);

impl Stamp {
    /// Looks at a folder. Blocking.
    pub fn of(folder: &Path) -> Stamp {
        let mark = |found: Found| match found {
            Found::File(_, meta) => Some((meta.len(), meta.modified().ok(), beyond(&meta))),
            Found::Name => None,
        };
        let marks = |all: BTreeMap<String, Found>| {
            all.into_iter().map(|(name, found)| (name, mark(found))).collect()
        };
        Stamp(walk(folder).map(marks).map_err(|error| error.to_string()))
    }

    /// The first file in which two differ; none when they do not differ in one.
    pub fn parted(&self, other: &Stamp) -> Option<String> {
        let (Ok(one), Ok(other)) = (&self.0, &other.0) else { return None };
        let differs = |name: &&String| one.get(*name) != other.get(*name);
        one.keys().chain(other.keys()).filter(differs).min().cloned()
    }
}

#[cfg(unix)]
fn beyond(meta: &fs::Metadata) -> [i64; 4] {
    use std::os::unix::fs::MetadataExt as _;
    // Only compared: what of a number of a file system does not fit may be cut.
    [meta.ctime(), meta.ctime_nsec(), meta.ino() as i64, meta.dev() as i64]
}

#[cfg(not(unix))]
fn beyond(_: &fs::Metadata) -> [i64; 4] {
    [0; 4]
}

/// Something of the company in its folder.
enum Found {
    /// What is read.
    File(PathBuf, fs::Metadata),
    /// What is not read, and is told of by its name.
    Name,
}

/// Everything of the company in a folder, by its name there.
fn walk(folder: &Path) -> io::Result<BTreeMap<String, Found>> {
    let root = fs::canonicalize(folder)?;
    let mut walk = Walk { folder, root, seen: HashSet::new(), found: BTreeMap::new() };
    walk.enter(folder, 0)?;
    Ok(walk.found)
}

struct Walk<'a> {
    folder: &'a Path,
    /// Where it really is.
    root: PathBuf,
    /// Folders that were walked: links may lead back.
    seen: HashSet<PathBuf>,
    found: BTreeMap<String, Found>,
}

impl Walk<'_> {
    fn enter(&mut self, dir: &Path, depth: usize) -> io::Result<()> {
        let place = fs::canonicalize(dir)?;
        if self.seen.contains(&place) {
            return Ok(());
        }
        if depth > DEEPEST {
            self.name_only(format!("{}/", self.name(dir)));
            return Ok(());
        }
        self.seen.insert(place);
        let before = self.found.len();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_none_or(|name| name.starts_with('.')) {
                continue;
            }
            let meta = match fs::metadata(&path) {
                Ok(meta) => meta,
                // A link to nothing, or a file that went just now.
                Err(_) if !is_ours(&path) => continue,
                Err(error) => return Err(named(&path, &error)),
            };
            if !meta.is_dir() && !is_ours(&path) {
                self.name_only(self.name(&path));
                continue;
            }
            if !fs::canonicalize(&path)?.starts_with(&self.root) {
                return Err(refused(
                    &path,
                    "leads out of the company folder",
                    "put what it leads to into the folder, or remove the link",
                ));
            }
            if meta.is_dir() {
                self.enter(&path, depth + 1)?;
            } else {
                self.found.insert(self.name(&path), Found::File(path, meta));
            }
        }
        if before == self.found.len() && dir.parent() == Some(&self.folder.join("tenants")) {
            self.name_only(format!("{}/", self.name(dir)));
        }
        Ok(())
    }

    fn name(&self, path: &Path) -> String {
        let name = path.strip_prefix(self.folder).unwrap_or(path);
        name.to_string_lossy().replace('\\', "/")
    }

    /// Something that is not read; its name is kept where people should hear of it.
    fn name_only(&mut self, name: String) {
        if unread::is_noticed(&name) {
            self.found.insert(name, Found::Name);
        }
    }
}

struct Reading {
    size: u64,
    files: Files,
}

impl Reading {
    fn add(&mut self, name: String, found: Found) -> io::Result<()> {
        let Found::File(path, meta) = found else {
            self.files.insert(name, String::new());
            return Ok(());
        };
        let path = path.as_path();
        // Before it is opened: opening a pipe waits for whoever writes into it.
        if !meta.is_file() {
            return Err(refused(path, "is no regular file", "remove it"));
        }
        let mut bytes = Vec::new();
        // Of a picture no more is looked at than tells that it is too large.
        let most = if is_picture(path) { look::LARGEST as u64 } else { LARGEST };
        fs::File::open(path)
            .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
            .map_err(|error| named(path, &error))?;
        let length = bytes.len() as u64;
        self.size += length;
        if length > LARGEST {
            let what = format!("is larger than {} MB", LARGEST / MB);
            return Err(refused(path, &what, "split it: a FAQ may be several files, faq/*.yaml"));
        }
        if self.size > LARGEST_FOLDER || self.files.len() >= MOST_FILES {
            let what = format!(
                "is one too many: a company has at most {MOST_FILES} files and {} MB",
                LARGEST_FOLDER / MB
            );
            return Err(refused(path, &what, "take out what is not needed"));
        }
        let text = if is_picture(path) {
            look::address(&bytes)
        } else {
            String::from_utf8(bytes)
                .map_err(|_| refused(path, "is not UTF-8 text", "save it as UTF-8"))?
        };
        self.files.insert(name, text.strip_prefix('\u{FEFF}').map_or(text.clone(), str::to_owned));
        Ok(())
    }
}

fn refused(path: &Path, what: &str, help: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{} {what}: {help}", path.display()))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("tenants/it")).unwrap();
        fs::write(folder.path().join("company.yaml"), "company: Contoso\n").unwrap();
        folder
    }

    fn told(folder: &Path) -> String {
        read_folder(folder)
            .map(|files| format!("{:?}", files.keys()))
            .unwrap_or_else(|e| e.to_string())
    }

    #[test]
    fn links_inside_the_folder_are_followed_and_none_out_of_it() {
        let (folder, outside) = (folder(), tempfile::tempdir().unwrap());
        let root = folder.path();
        // As Kubernetes mounts a ConfigMap: twice over a link whose name nobody reads.
        fs::create_dir(root.join("..2026_11_30")).unwrap();
        fs::write(root.join("..2026_11_30/faq.yaml"), "[]").unwrap();
        symlink("..2026_11_30", root.join("..data")).unwrap();
        symlink("../../..data/faq.yaml", root.join("tenants/it/faq.yaml")).unwrap();
        // Round and round.
        symlink("../..", root.join("tenants/it/again")).unwrap();
        assert_eq!(told(root), r#"["company.yaml", "tenants/it/faq.yaml"]"#);
        let beside = outside.path().join("link");
        symlink(root, &beside).unwrap();
        assert_eq!(told(&beside), told(root), "the folder itself may be a link");

        fs::write(outside.path().join("secret.yaml"), "secret").unwrap();
        for (target, name) in [("secret.yaml", "tenants/it/x.yaml"), ("", "tenants/hr")] {
            symlink(outside.path().join(target), root.join(name)).unwrap();
            let told = told(root);
            assert!(told.contains(name) && told.contains("leads out of"), "{told}");
            fs::remove_file(root.join(name)).unwrap();
        }
    }

    #[test]
    fn of_what_nobody_reads_the_name_is_kept() {
        let folder = folder();
        let root = folder.path();
        fs::write(root.join("tenants/it/tenant.yaml.txt"), [0xff, 0xfe]).unwrap();
        fs::create_dir_all(root.join("tenants/hr")).unwrap();
        fs::create_dir_all(root.join("tenants/it/dialogs/1/2/3/4/5")).unwrap();
        fs::write(root.join("tenants/it/dialogs/1/2/3/4/5/x.dialog"), "> hello").unwrap();
        symlink("nothing", root.join("tenants/it/notes.md")).unwrap();
        let files = read_folder(root).unwrap();
        let without: Vec<&str> =
            files.iter().filter(|(_, text)| text.is_empty()).map(|(name, _)| &**name).collect();
        assert_eq!(
            without,
            ["tenants/hr/", "tenants/it/dialogs/1/2/3/4/", "tenants/it/tenant.yaml.txt"]
        );
        assert_eq!(files.len(), 4);
    }

    #[test]
    fn what_is_no_regular_file_or_too_large_is_told_and_never_waited_for() {
        let folder = folder();
        let root = folder.path();
        let pipe = root.join("tenants/it/tenant.yaml");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(told(root).contains("tenant.yaml is no regular file"), "{}", told(root));
        fs::remove_file(&pipe).unwrap();
        symlink("/dev/zero", &pipe).unwrap();
        assert!(told(root).contains("leads out of"), "{}", told(root));
        fs::remove_file(&pipe).unwrap();
        fs::File::create(&pipe).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(told(root).contains("tenant.yaml is larger than 16 MB"), "{}", told(root));
        fs::write(&pipe, [0xff, 0xfe]).unwrap();
        assert!(told(root).contains("tenant.yaml is not UTF-8"), "{}", told(root));
        fs::remove_file(&pipe).unwrap();
        // What is not ours is not looked into.
        std::process::Command::new("mkfifo").arg(root.join("README.md")).status().unwrap();
        assert_eq!(told(root), r#"["company.yaml", "tenants/it/"]"#);
    }
}
