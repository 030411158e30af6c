//! The folder of a company: on disk, or the sample that is compiled in.

use std::{io, path::Path};

use include_dir::{Dir, include_dir};

use crate::source::Files;

/// The sample company, compiled in: what runs without any configuration.
static CONTOSO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/deploy/contoso");

/// True for what a company is made of; a page for its readers beside it is none of it.
fn is_ours(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| matches!(extension, "yaml" | "hbs" | "json" | "dialog"))
}

/// The sample company.
pub fn contoso() -> Files {
    fn add(dir: &Dir<'_>, files: &mut Files) {
        for file in dir.files() {
            if let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8())
                && is_ours(file.path())
            {
                files.insert(path.replace('\\', "/"), text.to_owned());
            }
        }
        dir.dirs().for_each(|dir| add(dir, files));
    }
    let mut files = Files::new();
    add(&CONTOSO, &mut files);
    files
}

/// Reads a company folder from disk: everything that ends in `.yaml`, `.hbs`, `.json` or `.dialog`.
/// Blocking: call it at start or from a thread of its own.
pub fn read_folder(folder: &Path) -> io::Result<Files> {
    fn walk(root: &Path, dir: &Path, depth: usize, files: &mut Files) -> io::Result<()> {
        for entry in std::fs::read_dir(dir)? {
            let path = entry?.path();
            let hidden = path
                .file_name()
                .and_then(|name| name.to_str())
                .is_none_or(|name| name.starts_with('.'));
            if hidden || depth > 6 {
                continue;
            }
            // Follows links: Kubernetes mounts its files as links.
            let meta = std::fs::metadata(&path)?;
            if meta.is_dir() {
                walk(root, &path, depth + 1, files)?;
            } else if is_ours(&path) {
                let bytes = std::fs::read(&path)?;
                let text = String::from_utf8(bytes).map_err(|_| {
                    io::Error::new(
                        io::ErrorKind::InvalidData,
                        format!("{} is not UTF-8 text: save it as UTF-8", path.display()),
                    )
                })?;
                let name =
                    path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                files.insert(
                    name,
                    text.strip_prefix('\u{FEFF}').map_or(text.clone(), str::to_owned),
                );
            }
        }
        Ok(())
    }
    let mut files = Files::new();
    walk(folder, folder, 0, &mut files)?;
    Ok(files)
}
