//! The folder of a company: on disk, or the sample that is compiled in.

use std::{
    collections::HashSet,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use include_dir::{Dir, include_dir};

use super::look;
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
/// `.png`.
/// Regular files inside the folder alone, links followed as far as they stay there (Kubernetes
/// mounts its files as links). Blocking: call it at start or from a thread of its own.
///
/// # Errors
/// When it cannot be read, or holds what no company needs: the first such file, and what to do.
pub fn read_folder(folder: &Path) -> io::Result<Files> {
    let root = fs::canonicalize(folder)?;
    let mut reading = Reading { folder, root, seen: HashSet::new(), size: 0, files: Files::new() };
    reading.walk(folder, 0)?;
    Ok(reading.files)
}

struct Reading<'a> {
    folder: &'a Path,
    /// Where it really is.
    root: PathBuf,
    /// Folders that were read: links may lead back.
    seen: HashSet<PathBuf>,
    size: u64,
    files: Files,
}

impl Reading<'_> {
    fn walk(&mut self, dir: &Path, depth: usize) -> io::Result<()> {
        if depth > DEEPEST || !self.seen.insert(fs::canonicalize(dir)?) {
            return Ok(());
        }
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_none_or(|name| name.starts_with('.')) {
                continue;
            }
            let meta = fs::metadata(&path).map_err(|error| named(&path, &error))?;
            if !meta.is_dir() && !is_ours(&path) {
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
                self.walk(&path, depth + 1)?;
            } else {
                self.add(&path, &meta)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, meta: &fs::Metadata) -> io::Result<()> {
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
        let name = path.strip_prefix(self.folder).unwrap_or(path);
        let name = name.to_string_lossy().replace('\\', "/");
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
        assert_eq!(told(root), r#"["company.yaml"]"#);
    }
}
