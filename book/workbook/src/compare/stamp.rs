//! When something was compared, and at which commit.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// `Wed, 25 Nov 2026 17:39:07 GMT`
pub fn now() -> String {
    httpdate::fmt_http_date(SystemTime::now())
}

/// The commit that a checkout is at, read off its files: git itself would obey the settings of a
/// repository that is somebody else's.
pub fn commit(checkout: &Path) -> Option<String> {
    let git = folder(checkout)?;
    let head = read(&git.join("HEAD"))?;
    let Some(branch) = head.strip_prefix("ref: ") else {
        return hash(&head);
    };
    if branch.split('/').any(|part| part == "..") || branch.starts_with('/') {
        return None;
    }
    // Worktrees share the branches of one repository.
    let common = read(&git.join("commondir")).map(|common| git.join(common));
    [Some(git), common].into_iter().flatten().find_map(|git| {
        let loose = read(&git.join(branch)).and_then(|text| hash(&text));
        loose.or_else(|| {
            let packed = fs::read_to_string(git.join("packed-refs")).ok()?;
            let lines = packed.lines().filter_map(|line| line.split_once(' '));
            let mut found = lines.filter(|(_, name)| *name == branch);
            hash(found.next()?.0)
        })
    })
}

fn folder(checkout: &Path) -> Option<PathBuf> {
    let git = checkout.join(".git");
    match git.is_dir() {
        true => Some(git),
        false => Some(checkout.join(read(&git)?.strip_prefix("gitdir: ")?)),
    }
}

fn read(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().to_owned())
}

/// The first ten digits of a hash.
fn hash(text: &str) -> Option<String> {
    let is_hash = text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_hash.then(|| text[..10].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_found_wherever_git_keeps_it() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        assert_eq!(commit(dir.path()), None);
        put(".git/HEAD", &format!("{one}\n"));
        assert_eq!(commit(dir.path()).unwrap(), "1111111111");
        put(".git/HEAD", "ref: refs/heads/main\n");
        assert_eq!(commit(dir.path()), None);
        put(
            ".git/packed-refs",
            &format!("# pack-refs\n{two} refs/heads/main\n"),
        );
        assert_eq!(commit(dir.path()).unwrap(), "2222222222");
        put(".git/refs/heads/main", &one);
        assert_eq!(commit(dir.path()).unwrap(), "1111111111");

        put("tree/.git", "gitdir: ../.git/worktrees/tree\n");
        put(".git/worktrees/tree/HEAD", "ref: refs/heads/main\n");
        put(".git/worktrees/tree/commondir", "../..\n");
        assert_eq!(commit(&dir.path().join("tree")).unwrap(), "1111111111");

        // No text of another file gets into a report.
        put("secret", "not a hash");
        put(".git/HEAD", "ref: ../secret\n");
        assert_eq!(commit(dir.path()), None);
    }
}
