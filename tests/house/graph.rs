//! Which file of `src` uses something of which other, read with `syn`: `use` trees, paths in code
//! and attributes aside, re-exports followed to the file that defines the name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::{
    Attribute, Block, ImplItemFn, Item, ItemFn, Meta, Signature, UseTree, Visibility,
    spanned::Spanned,
    visit::{self, Visit},
};

/// A path of modules, such as `["engine", "turn", "page"]`.
pub(super) type Module = Vec<String>;

/// One file of `src`, read.
pub(super) struct File {
    /// Its path below `src`.
    pub(super) path: String,
    /// Lines that are not tests.
    pub(super) lines: usize,
    /// Its functions.
    pub(super) functions: Vec<Function>,
    /// Paths that it names, by the module in which they stand.
    named: Vec<Vec<String>>,
    /// What it re-exports: name → path as written.
    exports: BTreeMap<String, Vec<String>>,
    /// Modules whose names it re-exports as a whole.
    globs: Vec<Vec<String>>,
    /// What its `use` lines bring in: name → path as written.
    brought: BTreeMap<String, Vec<String>>,
}

/// A function with its measures.
pub(super) struct Function {
    /// Its name.
    pub(super) name: String,
    /// Its first line.
    pub(super) line: usize,
    /// From signature to closing brace.
    pub(super) lines: usize,
    /// Without `self`.
    pub(super) arguments: usize,
}

/// All files by module.
pub(super) struct Graph {
    /// The files.
    pub(super) files: BTreeMap<Module, File>,
}

impl Graph {
    /// Reads all files below a folder.
    pub(super) fn read(src: &Path) -> Graph {
        let mut texts = Vec::new();
        let mut folders = vec![src.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("src can be read") {
                let path = entry.expect("src can be read").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let relative = path.strip_prefix(src).expect("below src").to_string_lossy();
                let relative = relative.replace('\\', "/");
                let text = fs::read_to_string(&path).expect("a source file can be read");
                texts.push((relative, text));
            }
        }
        Graph::of(texts)
    }

    /// Of these files: path below `src` and text.
    pub(super) fn of(texts: impl IntoIterator<Item = (String, impl AsRef<str>)>) -> Graph {
        let mut files = BTreeMap::new();
        for (path, text) in texts {
            let Some(stem) = path.strip_suffix(".rs") else { continue };
            let stem = stem.strip_suffix("/mod").unwrap_or(stem);
            if stem.ends_with("/tests") || stem.contains("/tests/") {
                continue;
            }
            let module = match stem {
                "lib" => Vec::new(),
                stem => stem.split('/').map(str::to_owned).collect(),
            };
            files.insert(module, File::read(path, text.as_ref()));
        }
        Graph { files }
    }

    /// The files of which a file uses something, beside itself. What it only re-exports of its own
    /// rooms does not count: that is what a front door is for.
    pub(super) fn uses(&self, module: &Module) -> BTreeSet<&Module> {
        let file = &self.files[module];
        let home = |path: &Vec<String>| self.home(module, path, 0);
        let exported = file.exports.values().chain(&file.globs).filter_map(home);
        let elsewhere = exported.filter(|other| !other.starts_with(module));
        let named = file.named.iter().filter_map(home);
        named.chain(elsewhere).filter(|other| *other != module).collect()
    }

    /// The file that defines what a path names, as it is written in a module.
    fn home(&self, at: &[String], path: &[String], depth: usize) -> Option<&Module> {
        if depth > 8 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let mut base: Module = match first.as_str() {
            "crate" | "switchboard" => Vec::new(),
            "self" => at.to_vec(),
            "super" => at.split_last()?.1.to_vec(),
            name => {
                let child: Module = at.iter().cloned().chain([name.to_owned()]).collect();
                if self.files.contains_key(&child) {
                    child
                } else {
                    // A name that a `use` line brought in: `page::Page` after `use super::page`.
                    let full =
                        self.files.get(at)?.brought.get(name).filter(|_| !rest.is_empty())?;
                    let full: Vec<String> = full.iter().chain(rest).cloned().collect();
                    return self.home(at, &full, depth + 1);
                }
            }
        };
        let mut rest = rest;
        while let Some((next, others)) = rest.split_first() {
            if next == "super" {
                base.pop();
            } else if next != "self" {
                let child: Module = base.iter().cloned().chain([next.clone()]).collect();
                if !self.files.contains_key(&child) {
                    let door = self.files.get(&base)?;
                    if let Some(target) = door.exports.get(next) {
                        return self.home(&base, target, depth + 1);
                    }
                    for glob in &door.globs {
                        let target: Vec<String> = glob.iter().chain([next]).cloned().collect();
                        if let Some(home) = self.home(&base, &target, depth + 1)
                            && *home != base
                        {
                            return Some(home);
                        }
                    }
                    break;
                }
                base = child;
            }
            rest = others;
        }
        self.files.get_key_value(&base).map(|(module, _)| module)
    }

    /// Circles of files: sets in which each uses each, by whatever way. Each is told once.
    pub(super) fn circles(&self) -> Vec<Vec<&Module>> {
        let edges: BTreeMap<&Module, BTreeSet<&Module>> =
            self.files.keys().map(|module| (module, self.uses(module))).collect();
        let reach = |from: &Module| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![&edges[from]]);
            while let Some(others) = next.pop() {
                for other in others {
                    if seen.insert(*other) {
                        next.push(&edges[*other]);
                    }
                }
            }
            seen
        };
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            edges.keys().map(|module| (*module, reach(module))).collect();
        let mut circles: Vec<Vec<&Module>> = Vec::new();
        for (module, others) in &reached {
            if !others.contains(module) || circles.iter().flatten().any(|known| known == module) {
                continue;
            }
            let round = others.iter().copied().filter(|other| reached[*other].contains(module));
            circles.push(round.collect());
        }
        circles
    }
}

impl File {
    fn read(path: String, text: &str) -> File {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut reader = Reader::default();
        reader.visit_file(&parsed);
        let lines = text.lines().count() - reader.test_lines;
        let Reader { functions, named, exports, globs, brought, .. } = reader;
        File { path, lines, functions, named, exports, globs, brought }
    }
}

#[derive(Default)]
struct Reader {
    functions: Vec<Function>,
    named: Vec<Vec<String>>,
    exports: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    brought: BTreeMap<String, Vec<String>>,
    test_lines: usize,
}

impl Reader {
    fn function(&mut self, signature: &Signature, block: &Block) {
        let first = signature.fn_token.span().start().line;
        let last = block.span().end().line;
        let arguments = signature.inputs.iter();
        self.functions.push(Function {
            name: signature.ident.to_string(),
            line: first,
            lines: last + 1 - first,
            arguments: arguments.filter(|input| matches!(input, syn::FnArg::Typed(_))).count(),
        });
    }

    fn used(&mut self, tree: &UseTree, before: &[String], public: bool) {
        let with = |name: &syn::Ident| {
            before.iter().cloned().chain([name.to_string()]).collect::<Vec<_>>()
        };
        match tree {
            UseTree::Path(path) => self.used(&path.tree, &with(&path.ident), public),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.used(tree, before, public));
            }
            UseTree::Glob(_) if public => self.globs.push(before.to_vec()),
            UseTree::Glob(_) => self.named.push(before.to_vec()),
            UseTree::Name(name) => {
                let path = if name.ident == "self" { before.to_vec() } else { with(&name.ident) };
                self.brings(path.last().cloned().unwrap_or_default(), path, public);
            }
            UseTree::Rename(rename) => {
                let path =
                    if rename.ident == "self" { before.to_vec() } else { with(&rename.ident) };
                self.brings(rename.rename.to_string(), path, public);
            }
        }
    }

    fn brings(&mut self, name: String, path: Vec<String>, public: bool) {
        if public {
            self.exports.insert(name, path);
        } else {
            self.named.push(path.clone());
            self.brought.insert(name, path);
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => {
            attribute.path().is_ident("cfg") && list.tokens.to_string().starts_with("test")
        }
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if is_test(attributes) {
            let span = item.span();
            self.test_lines += span.end().line + 1 - span.start().line;
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.used(&item.tree, &[], !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string());
            self.named.push(segments.collect());
        }
        visit::visit_path(self, path);
    }
}
