//! An answer as the reference would say it: with its names for the variables, and its order of arms
//! where the order changes nothing. What still differs then is worth reading.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use syn::parse::Parser;
use syn::visit::{self, Visit};

use super::likeness::tokens;

/// `theirs`, rewritten towards `reference`; both are formatted functions. What cannot be read as
/// Rust stays as it is.
pub fn towards(reference: &str, theirs: &str) -> String {
    let renamed = renamed(reference, theirs).unwrap_or_else(|| theirs.to_owned());
    reordered(reference, renamed)
}

/// `theirs` with the reference's names for those variables that stand in the same places.
fn renamed(reference: &str, theirs: &str) -> Option<String> {
    let names = new_names(reference, theirs)?;
    if names.is_empty() {
        return Some(theirs.to_owned());
    }
    let mut uses = Uses {
        names: &names,
        seen: BTreeSet::new(),
        edits: BTreeMap::new(),
    };
    uses.visit_impl_item_fn(&syn::parse_str(theirs).ok()?);
    let mut text = theirs.to_owned();
    for (_, (at, new)) in uses.edits.into_iter().rev() {
        text.replace_range(at, &new);
    }
    Some(text)
}

/// The variables to rename, and to what. A new name is one that means nothing else in `theirs`.
fn new_names(reference: &str, theirs: &str) -> Option<BTreeMap<String, String>> {
    let (ours, own) = (variables(reference)?, variables(theirs)?);
    let (one, other) = (tokens(reference), tokens(theirs));
    // Compared with the variables left blank, so that only the places count.
    let blank = |tokens: &[String], names: &BTreeSet<String>| -> Vec<String> {
        let shown = |token: &String| match names.contains(token) {
            true => "a variable".to_owned(),
            false => token.clone(),
        };
        tokens.iter().map(shown).collect()
    };
    let (left, right) = (blank(&one, &ours), blank(&other, &own));
    let mut votes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for operation in capture_diff_slices(Algorithm::Myers, &left, &right) {
        let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = operation
        else {
            continue;
        };
        for at in 0..len {
            let (a, b) = (&one[old_index + at], &other[new_index + at]);
            if ours.contains(a) && own.contains(b) {
                *votes.entry((b, a)).or_default() += 1;
            }
        }
    }
    let mut votes: Vec<_> = votes.into_iter().collect();
    votes.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
    // A name that means something already is not given.
    let mut taken = present(theirs)?;
    let mut names = BTreeMap::new();
    for ((from, to), _) in votes {
        if !names.contains_key(from) && taken.insert(to.to_owned()) {
            names.insert(from.to_owned(), to.to_owned());
        }
    }
    Some(names)
}

/// The names that stand in a function where a variable can stand.
fn present(function: &str) -> Option<BTreeSet<String>> {
    let mut uses = Uses {
        names: &BTreeMap::new(),
        seen: BTreeSet::new(),
        edits: BTreeMap::new(),
    };
    uses.visit_impl_item_fn(&syn::parse_str(function).ok()?);
    Some(uses.seen)
}

/// The names that a function gives: to its arguments, and in patterns.
pub fn variables(function: &str) -> Option<BTreeSet<String>> {
    struct Names(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            let name = pattern.ident.to_string();
            // `None` and constants look like names in a pattern.
            if !name.starts_with(char::is_uppercase) {
                self.0.insert(name);
            }
            visit::visit_pat_ident(self, pattern);
        }

        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            for branch in branches(mac).unwrap_or_default() {
                branch
                    .patterns
                    .iter()
                    .for_each(|pattern| self.visit_pat(pattern));
                branch
                    .expressions
                    .iter()
                    .for_each(|expr| self.visit_expr(expr));
            }
        }
    }
    let function: syn::ImplItemFn = syn::parse_str(function).ok()?;
    let mut names = Names(BTreeSet::new());
    names.visit_impl_item_fn(&function);
    Some(names.0)
}

/// A branch of a `select!`: what is awaited, what it is bound to, and what is done then.
struct Branch {
    patterns: Vec<syn::Pat>,
    expressions: Vec<syn::Expr>,
}

/// The branches of a `select!`; `None` for any other macro.
fn branches(mac: &syn::Macro) -> Option<Vec<Branch>> {
    if mac.path.segments.last()?.ident != "select" {
        return None;
    }
    let tokens: Vec<_> = mac.tokens.clone().into_iter().collect();
    let mut branches = Vec::new();
    for Parts { before, body } in parts(without_biased(&tokens)) {
        let stream = |tokens: &[TokenTree]| tokens.iter().cloned().collect::<TokenStream>();
        let mut expressions = vec![syn::parse2(stream(body)).ok()?];
        let mut patterns = Vec::new();
        let binds = before.iter().enumerate().position(|(at, token)| {
            // Not the last sign of `..=`.
            let is_range = at > 0 && is_sign(before.get(at - 1), '.');
            is_sign(Some(token), '=') && !is_range
        });
        if let Some(binds) = binds {
            let parse = syn::Pat::parse_multi_with_leading_vert;
            patterns.push(parse.parse2(stream(&before[..binds])).ok()?);
            // `future, if condition`
            for part in before[binds + 1..].split(|token| is_sign(Some(token), ',')) {
                let is_if =
                    |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "if");
                let part = match part.split_first() {
                    Some((first, rest)) if is_if(first) => rest,
                    _ => part,
                };
                expressions.push(syn::parse2(stream(part)).ok()?);
            }
        }
        branches.push(Branch {
            patterns,
            expressions,
        });
    }
    Some(branches)
}

fn without_biased(tokens: &[TokenTree]) -> &[TokenTree] {
    match tokens {
        [TokenTree::Ident(word), TokenTree::Punct(_), rest @ ..] if word == "biased" => rest,
        _ => tokens,
    }
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// The places where variables stand, with what is to stand there.
struct Uses<'n> {
    names: &'n BTreeMap<String, String>,
    /// All names in such places.
    seen: BTreeSet<String>,
    edits: BTreeMap<usize, (Range<usize>, String)>,
}

impl Uses<'_> {
    fn edit(&mut self, name: &proc_macro2::Ident, is_short: bool) {
        let old = name.to_string();
        self.seen.insert(old.clone());
        if let Some(new) = self.names.get(&old) {
            let at = name.span().byte_range();
            // `Frame { payload }` names a field too.
            let text = match is_short {
                true => format!("{old}: {new}"),
                false => new.clone(),
            };
            self.edits.insert(at.start, (at, text));
        }
    }

    /// In a macro nothing is known but the tokens: a name after a dot, or before a colon, is a
    /// field's.
    fn in_macro(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let is = |at: Option<usize>, sign| is_sign(at.and_then(|at| tokens.get(at)), sign);
        for (at, token) in tokens.iter().enumerate() {
            let before = |back: usize| at.checked_sub(back);
            let is_field = is(before(1), '.') && !is(before(2), '.') || is(Some(at + 1), ':');
            match token {
                TokenTree::Group(group) => self.in_macro(group.stream()),
                TokenTree::Ident(name) if !is_field => self.edit(name, false),
                TokenTree::Literal(literal) => {
                    let mut text = literal.to_string();
                    for (old, new) in self.names {
                        for end in ['}', ':'] {
                            text =
                                text.replace(&format!("{{{old}{end}"), &format!("{{\0{new}{end}"));
                        }
                    }
                    let text = text.replace('\0', "");
                    let at = literal.span().byte_range();
                    self.edits.insert(at.start, (at, text));
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        self.edit(&pattern.ident, false);
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_field_pat(&mut self, field: &'ast syn::FieldPat) {
        match &*field.pat {
            syn::Pat::Ident(pattern) if field.colon_token.is_none() => {
                let first = (pattern.by_ref.as_ref().map(|word| word.span))
                    .or_else(|| pattern.mutability.as_ref().map(|word| word.span));
                self.edit(&pattern.ident, first.is_none());
                // `mut payload` names its field before the `mut`.
                if let Some(first) = first
                    && self.names.contains_key(&pattern.ident.to_string())
                {
                    let at = first.byte_range().start;
                    let field = format!("{}: ", pattern.ident);
                    self.edits.insert(at, (at..at, field));
                }
            }
            _ => visit::visit_field_pat(self, field),
        }
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        match (&field.member, &field.colon_token) {
            (syn::Member::Named(name), None) => self.edit(name, true),
            _ => visit::visit_field_value(self, field),
        }
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(name) = path.path.get_ident() {
            self.edit(name, false);
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        match branches(mac) {
            None => self.in_macro(mac.tokens.clone()),
            Some(branches) => {
                for branch in &branches {
                    branch
                        .patterns
                        .iter()
                        .for_each(|pattern| self.visit_pat(pattern));
                    branch
                        .expressions
                        .iter()
                        .for_each(|expr| self.visit_expr(expr));
                }
            }
        }
    }
}

/// Arms of a `match` or a `select!`, in a text.
struct Arms {
    /// Where they stand, without the brackets.
    inside: Range<usize>,
    /// `select!` tries its branches in their order if it says `biased`, else in any.
    is_select: bool,
    is_biased: bool,
    arms: Vec<Arm>,
}

struct Arm {
    /// Up to its `=>`.
    pattern: String,
    text: String,
}

/// `theirs` with the arms in the order of the reference, where that changes nothing.
fn reordered(reference: &str, mut theirs: String) -> String {
    let ours = all_arms(reference);
    // Each turn moves one list of arms; a text has few.
    for _ in 0..20 {
        let found = all_arms(&theirs);
        let moved = found.iter().find_map(|arms| {
            let order = ours.iter().find_map(|ours| order(ours, arms))?;
            Some((arms, order))
        });
        let Some((arms, order)) = moved else {
            break;
        };
        let arms_text: Vec<_> = order.iter().map(|&at| arms.arms[at].text.clone()).collect();
        let inside = arms.inside.clone();
        theirs.replace_range(inside, &format!("\n{},\n", arms_text.join(",\n")));
    }
    theirs
}

/// The order in which `theirs` are to stand to be in the order of `ours`; `None` if they do, or if
/// they may not.
fn order(ours: &Arms, theirs: &Arms) -> Option<Vec<usize>> {
    if ours.arms.len() != theirs.arms.len() || ours.is_select != theirs.is_select {
        return None;
    }
    let mut order = Vec::new();
    for arm in &ours.arms {
        let there = theirs.arms.iter().enumerate();
        let mut same = there.filter(|(at, a)| a.pattern == arm.pattern && !order.contains(at));
        order.push(same.next()?.0);
    }
    if order.is_sorted() {
        return None;
    }
    if theirs.is_select {
        return (!ours.is_biased && !theirs.is_biased).then_some(order);
    }
    for (place, &at) in order.iter().enumerate() {
        for &later in &order[place + 1..] {
            let (one, other) = (&theirs.arms[at], &theirs.arms[later]);
            if later < at && !never_both(&one.pattern, &other.pattern) {
                return None;
            }
        }
    }
    Some(order)
}

/// Whether no value fits both patterns, as far as their text tells. One with a guard is no pattern.
fn never_both(one: &str, other: &str) -> bool {
    let read = |text: &str| syn::Pat::parse_multi_with_leading_vert.parse_str(text).ok();
    match (read(one), read(other)) {
        (Some(one), Some(other)) => disjoint(&one, &other),
        _ => false,
    }
}

fn disjoint(one: &syn::Pat, other: &syn::Pat) -> bool {
    use syn::Pat;
    match (one, other) {
        (Pat::Or(or), other) | (other, Pat::Or(or)) => or.cases.iter().all(|c| disjoint(c, other)),
        (Pat::Paren(inner), other) | (other, Pat::Paren(inner)) => disjoint(&inner.pat, other),
        (Pat::Reference(a), Pat::Reference(b)) => disjoint(&a.pat, &b.pat),
        (Pat::Tuple(a), Pat::Tuple(b)) => {
            let no_rest = |p: &syn::PatTuple| !p.elems.iter().any(|p| matches!(p, Pat::Rest(_)));
            a.elems.len() == b.elems.len()
                && no_rest(a)
                && no_rest(b)
                && a.elems.iter().zip(&b.elems).any(|(a, b)| disjoint(a, b))
        }
        (one, other) => matches!((head(one), head(other)), (Some(a), Some(b)) if a != b),
    }
}

/// What a value must be to fit, if that is one variant or one literal.
fn head(pattern: &syn::Pat) -> Option<String> {
    use syn::Pat;
    let last = |path: &syn::Path| Some(path.segments.last()?.ident.to_string());
    match pattern {
        Pat::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            syn::Lit::Int(number) => Some(number.base10_digits().to_owned()),
            syn::Lit::Bool(bool) => Some(bool.value.to_string()),
            syn::Lit::Char(char) => Some(char.value().to_string()),
            syn::Lit::Byte(byte) => Some(byte.value().to_string()),
            _ => None,
        },
        Pat::Path(path) => last(&path.path).filter(|name| is_variant(name)),
        Pat::TupleStruct(tuple) => last(&tuple.path).filter(|name| is_variant(name)),
        Pat::Struct(fields) => last(&fields.path).filter(|name| is_variant(name)),
        Pat::Ident(name) if name.subpat.is_none() => {
            Some(name.ident.to_string()).filter(|name| is_variant(name))
        }
        _ => None,
    }
}

/// `Close`, and not `CLOSE`: two constants may be equal.
fn is_variant(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.chars().any(char::is_lowercase)
}

/// The lists of arms in a text, the outer ones first.
fn all_arms(text: &str) -> Vec<Arms> {
    let mut found = Vec::new();
    if let Ok(tokens) = text.parse() {
        look(text, tokens, &mut found);
    }
    found
}

fn look(text: &str, tokens: TokenStream, found: &mut Vec<Arms>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is_brace = |group: &Group| group.delimiter() == Delimiter::Brace;
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Ident(word) = token else {
            continue;
        };
        let rest = &tokens[at + 1..];
        let (group, is_select) = match word.to_string().as_str() {
            "match" => (
                rest.iter().find_map(|token| match token {
                    TokenTree::Group(group) if is_brace(group) => Some(group),
                    _ => None,
                }),
                false,
            ),
            "select" => match rest {
                [TokenTree::Punct(not), TokenTree::Group(group), ..] if not.as_char() == '!' => {
                    (Some(group), true)
                }
                _ => continue,
            },
            _ => continue,
        };
        if let Some(group) = group {
            let inside: Vec<_> = group.stream().into_iter().collect();
            found.push(Arms {
                is_biased: without_biased(&inside).len() < inside.len(),
                inside: group.span_open().byte_range().end..group.span_close().byte_range().start,
                is_select,
                arms: arms(text, group.stream()),
            });
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            look(text, group.stream(), found);
        }
    }
}

/// `pattern => body`
struct Parts<'t> {
    before: &'t [TokenTree],
    body: &'t [TokenTree],
}

/// Splits arms. In formatted text only a block has no comma after it.
fn parts(tokens: &[TokenTree]) -> Vec<Parts<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < tokens.len() {
        if !(is_sign(tokens.get(at), '=') && is_sign(tokens.get(at + 1), '>')) {
            at += 1;
            continue;
        }
        let body = at + 2;
        let is_block = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        let mut end = body;
        match tokens.get(body).is_some_and(is_block) {
            true => end += 1,
            false => {
                while end < tokens.len() && !is_sign(tokens.get(end), ',') {
                    end += 1;
                }
            }
        }
        parts.push(Parts {
            before: &tokens[start..at],
            body: &tokens[body.min(end)..end],
        });
        start = match is_sign(tokens.get(end), ',') {
            true => end + 1,
            false => end,
        };
        at = start;
    }
    parts
}

fn arms(text: &str, tokens: TokenStream) -> Vec<Arm> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let at = |token: &TokenTree| token.span().byte_range();
    let arms = parts(without_biased(&tokens))
        .into_iter()
        .filter_map(|Parts { before, body }| {
            let (from, to) = (at(before.first()?).start, at(body.last()?).end);
            let pattern = text.get(from..at(before.last()?).end)?;
            Some(Arm {
                pattern: pattern.split_whitespace().collect::<Vec<_>>().join(" "),
                text: text.get(from..to)?.to_owned(),
            })
        });
    arms.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_references_and_only_names_of_variables() {
        let reference = "fn f(&self, key: &str) -> Frame {\n    let payload = g(key);\n    println!(\"{payload:?} {}\", key);\n    Frame { payload, key: key.len() }\n}";
        let theirs = "fn f(&self, k: &str) -> Frame {\n    let bytes = g(k);\n    println!(\"{bytes:?} {}\", k);\n    Frame { payload: bytes, key: k.len() }\n}";
        let wanted = reference.replace("{ payload,", "{ payload: payload,");
        assert_eq!(towards(reference, theirs), wanted);
        // The other way round, the shorthand has to name its field.
        assert_eq!(towards(theirs, reference), theirs);
        let ours = "fn f(x: X) {\n    let X { mut a, b } = x;\n    g(a, b);\n}";
        let theirs = "fn f(y: X) {\n    let X { a: mut c, b: d } = y;\n    g(c, d);\n}";
        let back = "fn f(y: X) {\n    let X { a: mut c, b: d } = y;\n    g(c, d);\n}";
        assert_eq!(towards(theirs, ours), back);
    }

    #[test]
    fn a_name_that_means_something_else_is_not_given() {
        let reference = "fn f(a: u8) -> u8 {\n    a + 1\n}";
        // `a` is a function of theirs.
        let theirs = "fn f(n: u8) -> u8 {\n    n + a()\n}";
        assert_eq!(towards(reference, theirs), theirs);
        // Both have both names: they stay.
        let reference = "fn f(a: u8, b: u8) -> u8 {\n    a - b\n}";
        let theirs = "fn f(b: u8, a: u8) -> u8 {\n    b - a\n}";
        assert_eq!(towards(reference, theirs), theirs);
    }

    #[test]
    fn arms_stand_in_the_references_order_where_that_changes_nothing() {
        let arms = |arms: &[&str]| {
            let arms: Vec<_> = arms.iter().map(|arm| format!("        {arm}\n")).collect();
            format!(
                "fn f(x: X) -> u8 {{\n    match x {{\n{}    }}\n}}",
                arms.concat()
            )
        };
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let same = |one: &[&str], other: &[&str]| {
            let (one, other) = (arms(one), arms(other));
            flat(&towards(&one, &other)) == flat(&one)
        };
        let (a, b, c) = ("A::Close(n) => g(n),", "A::Ping => 1,", "_ => 0,");
        assert!(same(&[a, b, c], &[b, a, c]));
        assert!(same(
            &["(1, true) => 1,", "(1, false) => 2,"],
            &["(1, false) => 2,", "(1, true) => 1,"]
        ));
        // A guard, an arm that takes all, and constants: order means something.
        assert!(!same(&[a, b, c], &[a, c, b]));
        assert!(!same(
            &["A(n) if n > 1 => 2,", b, c],
            &[b, "A(n) if n > 1 => 2,", c]
        ));
        assert!(!same(
            &["ONE => 1,", "TWO => 2,"],
            &["TWO => 2,", "ONE => 1,"]
        ));
        assert!(!same(
            &["A(1) => 1,", "A(n) => n,"],
            &["A(n) => n,", "A(1) => 1,"]
        ));
    }

    #[test]
    fn branches_of_select_are_in_any_order_unless_it_is_biased() {
        let text = |first: &str, arms: [&str; 2]| {
            format!(
                "async fn f() {{ tokio::select! {{ {first} {}, {}, }} }}",
                arms[0], arms[1]
            )
        };
        let (a, b) = ("x = g() => x", "y = h() => y");
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let one = text("", [a, b]);
        assert_eq!(
            flat(&towards(&one, &text("", [b, a]))),
            one.split_whitespace().collect::<Vec<_>>().join(" ")
        );
        let biased = text("biased;", [a, b]);
        let other = text("biased;", [b, a]);
        assert_eq!(towards(&biased, &other), other);
    }
}
