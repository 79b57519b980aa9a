//! The functions of a Rust file, as syn finds them: names, bodies, hints, and what can be shown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use syn::visit::{self, Visit};

use crate::exercise::Exercise;

const MARK: &str = "// Exercise: ";

/// A function with a body, as found in a source.
#[derive(Clone)]
pub struct Function {
    pub name: String,
    pub owner: Option<String>,
    /// The text of its `///`.
    pub docs: String,
    /// Where its `fn` stands.
    pub start: usize,
    /// What is between the braces.
    pub body: Range<usize>,
    /// The names of the arguments that `{:?}` can show.
    pub shown: Vec<String>,
    /// Its body is one `todo!`; a `drop` has none.
    pub only_todo: bool,
}

impl Function {
    pub fn is(&self, exercise: &Exercise) -> bool {
        self.name == exercise.name && self.owner == exercise.owner
    }

    /// The whole function, not indented.
    pub fn answer(&self, text: &str) -> Option<String> {
        self.lines(text, self.body.end + 1)
    }

    /// What stands before its body, not indented.
    pub fn signature(&self, text: &str) -> Option<String> {
        self.lines(text, self.body.start - 1)
    }

    /// From the line of its `fn` to `end`.
    fn lines(&self, text: &str, end: usize) -> Option<String> {
        let start = text[..self.start].rfind('\n').map_or(0, |at| at + 1);
        let lines = text.get(start..end)?.trim_end();
        let indent = lines.len() - lines.trim_start().len();
        let lines = lines.lines().map(|line| line.get(indent..).unwrap_or(""));
        Some(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Where the hint stands, if the body begins with one.
    pub fn hint(&self, text: &str) -> Option<Range<usize>> {
        let body = &text[self.body.clone()];
        let start = body.len() - body.trim_start().len();
        if !body[start..].starts_with(MARK) {
            return None;
        }
        let mut end = start;
        for line in body[start..].split_inclusive('\n') {
            let comment = line.trim_start();
            let plain = comment.starts_with("//")
                && !["///", "//!", "// ANCHOR"]
                    .iter()
                    .any(|p| comment.starts_with(p));
            if !plain {
                break;
            }
            end += line.len();
        }
        let end = body[..end].trim_end().len();
        Some(self.body.start + start..self.body.start + end)
    }

    pub fn is_drop(&self) -> bool {
        self.name == "drop" && self.owner.is_some()
    }
}

/// The functions of a file. A text is parsed once: the book is built again at each save, and shows
/// sources that seldom change.
pub fn functions(text: &str) -> syn::Result<Vec<Function>> {
    static PARSED: Mutex<BTreeMap<String, Vec<Function>>> = Mutex::new(BTreeMap::new());
    let parsed = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(functions) = parsed().get(text) {
        return Ok(functions.clone());
    }
    let functions = parse(text)?;
    let mut parsed = parsed();
    if parsed.len() == MOST_PARSED {
        parsed.clear();
    }
    parsed.insert(text.to_owned(), functions.clone());
    Ok(functions)
}

/// More files than the workbook has, with what a day of edits adds.
const MOST_PARSED: usize = 1000;

fn parse(text: &str) -> syn::Result<Vec<Function>> {
    let file = syn::parse_file(text)?;
    let mut finder = Finder::default();
    finder.visit_file(&file);
    // The server parses at each save: let go of the copies that spans point into.
    drop(file);
    Ok(finder.found)
}

#[derive(Default)]
struct Finder {
    found: Vec<Function>,
    owner: Option<String>,
    /// The type parameters in scope.
    parameters: BTreeSet<String>,
}

impl Finder {
    fn function(&mut self, attrs: &[syn::Attribute], sig: &syn::Signature, block: &syn::Block) {
        let parameters = self.with_parameters(&sig.generics);
        let mut shown = Vec::new();
        for input in &sig.inputs {
            if let syn::FnArg::Typed(argument) = input {
                let mut bound = Bound::default();
                bound.visit_pat(&argument.pat);
                let mut opaque = Opaque {
                    parameters: &parameters,
                    found: false,
                };
                opaque.visit_type(&argument.ty);
                if !opaque.found {
                    shown.extend(bound.names);
                }
            }
        }
        let braces = &block.brace_token.span;
        self.found.push(Function {
            name: sig.ident.to_string(),
            owner: self.owner.clone(),
            docs: docs(attrs),
            start: sig.fn_token.span.byte_range().start,
            body: braces.open().byte_range().end..braces.close().byte_range().start,
            shown,
            only_todo: only_todo(block) || (sig.ident == "drop" && block.stmts.is_empty()),
        });
    }

    fn with_parameters(&self, generics: &syn::Generics) -> BTreeSet<String> {
        let mut all = self.parameters.clone();
        all.extend(generics.type_params().map(|p| p.ident.to_string()));
        all
    }

    /// Visits what is inside an item with its own type and type parameters.
    fn inside(
        &mut self,
        owner: Option<String>,
        parameters: BTreeSet<String>,
        visit: impl FnOnce(&mut Self),
    ) {
        let owner = std::mem::replace(&mut self.owner, owner);
        let parameters = std::mem::replace(&mut self.parameters, parameters);
        visit(self);
        self.owner = owner;
        self.parameters = parameters;
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        // A function inside a method is nobody's method, and sees no parameters but its own.
        self.inside(None, BTreeSet::new(), |finder| {
            finder.function(&item.attrs, &item.sig, &item.block);
            visit::visit_item_fn(finder, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.attrs, &item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.attrs, &item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|s| s.ident.to_string()),
            _ => None,
        };
        let mut parameters = self.with_parameters(&item.generics);
        if !parameters.is_empty() {
            parameters.insert("Self".into());
        }
        self.inside(owner, parameters, |finder| {
            visit::visit_item_impl(finder, item)
        });
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let mut parameters = self.with_parameters(&item.generics);
        parameters.insert("Self".into());
        let owner = Some(item.ident.to_string());
        self.inside(owner, parameters, |finder| {
            visit::visit_item_trait(finder, item)
        });
    }
}

/// The text of `///` comments, without the blank that each line begins with.
fn docs(attrs: &[syn::Attribute]) -> String {
    let text = |attr: &syn::Attribute| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    };
    let lines = attrs.iter().filter_map(text);
    let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// The names that a pattern binds.
#[derive(Default)]
struct Bound {
    names: Vec<String>,
}

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        let name = pat.ident.to_string();
        // A pattern's `None` is a variant, not a name.
        if !name.starts_with('_') && !name.starts_with(char::is_uppercase) {
            self.names.push(name);
        }
        visit::visit_pat_ident(self, pat);
    }
}

/// Finds out whether a type may have no `Debug`: it holds a type parameter, `impl` or `dyn`.
struct Opaque<'p> {
    parameters: &'p BTreeSet<String>,
    found: bool,
}

impl<'ast> Visit<'ast> for Opaque<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path.segments.first().map(|s| s.ident.to_string());
        self.found |= first.is_some_and(|first| self.parameters.contains(&first));
        visit::visit_path(self, path);
    }

    fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
        self.found = true;
    }

    fn visit_type_trait_object(&mut self, _: &'ast syn::TypeTraitObject) {
        self.found = true;
    }
}

/// Whether a body is one `todo!` and nothing else.
fn only_todo(block: &syn::Block) -> bool {
    let is_todo = |mac: &syn::Macro| mac.path.is_ident("todo");
    match &block.stmts[..] {
        [syn::Stmt::Macro(stmt)] => is_todo(&stmt.mac),
        [syn::Stmt::Expr(syn::Expr::Macro(expr), _)] => is_todo(&expr.mac),
        _ => false,
    }
}
