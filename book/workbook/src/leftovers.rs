//! What editors, systems and version control leave in a folder: nobody's answer, and no page.

/// Whether a file or folder of this name is a leftover.
pub fn is_leftover(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "Thumbs.db",
        "desktop.ini",
        "Icon\r",
        "__MACOSX",
        "CVS",
        // vim's probe for a writable directory.
        "4913",
    ];
    const ENDS: [&str; 11] = [
        "~",
        "#",
        ".bak",
        ".bk",
        ".orig",
        ".pending-snap",
        ".rej",
        ".snap.new",
        ".swp",
        ".tmp",
        "___",
    ];
    // `.DS_Store`, `.lib.rs.swp`, `.#lib.rs`, `.git`
    name.starts_with(['.', '#'])
        || NAMES.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        // `lib.rs.mine`, `lib.rs.r17`
        || name.contains(".rs.")
        || is_of_a_merge(name)
        || name.contains("conflicted copy")
        || name.contains(".sync-conflict-")
}

/// `lib_LOCAL_4242.rs`, as git's mergetool names the sides of a conflict.
fn is_of_a_merge(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let Some((stem, number)) = stem.rsplit_once('_') else {
        return false;
    };
    let sides = ["_BASE", "_LOCAL", "_REMOTE", "_BACKUP"];
    number.bytes().all(|b| b.is_ascii_digit()) && sides.iter().any(|side| stem.ends_with(side))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// One of each kind.
    pub const LEFTOVERS: [&str; 16] = [
        ".DS_Store",
        ".#lib.rs",
        ".lib.rs.swp",
        "#lib.rs#",
        "lib.rs~",
        "lib.rs.orig",
        "lib.rs.rej",
        "lib.rs.bk",
        "lib.rs.mine",
        "lib.rs___jb_old___",
        "lib_LOCAL_4242.rs",
        "lib (conflicted copy 2026-11-25).rs",
        "lib.sync-conflict-20261125-1.rs",
        "Thumbs.db",
        "4913",
        "poll.snap.new",
    ];

    #[test]
    fn an_answer_is_told_from_what_is_left() {
        for name in LEFTOVERS {
            assert!(is_leftover(name), "{name}");
        }
        for name in [
            "lib.rs",
            "page.html",
            "client.js",
            "mine.rs",
            "backup.rs",
            "local_2.rs",
            "base_64.rs",
            "poll.snap",
            "origin.rs",
        ] {
            assert!(!is_leftover(name), "{name}");
        }
    }
}
