//! What the feed and `Request::parse` promise.

use super::*;

/// Numbers go on; only the texts are dropped.
#[test]
fn a_feed_keeps_its_newest_thousand_updates() {
    coach(
        "The feed is given. What you changed: `git diff lessons/01-polling/src/feed.rs`.",
        || {
            let feed = Feed::default();
            (1..=1001).for_each(|n| feed.publish(&format!("update {n}")));
            let kept = feed.since(0);
            let kept = format!("{}, the first: {}", kept.len(), kept[0].text);
            assert_snapshot!(kept, @"1000, the first: update 2");
        },
    );
}

/// A reader tells updates apart by their line ends.
#[test]
fn an_update_is_one_line() {
    coach(
        "The feed is given. What you changed: `git diff lessons/01-polling/src/feed.rs`.",
        || {
            let updates = feed(&["one\r\ntwo"]).since(0);
            assert_snapshot!(visible(&polling::lines(&updates)), @r"1 one  two\n");
        },
    );
}

#[test]
fn a_head_ends_at_the_blank_line() {
    coach(
        "`Request` is given. What you changed: `git diff lessons/01-polling/src/request.rs`.",
        || {
            let parsed = Request::parse(format!("{HEAD}more").as_bytes());
            let (request, length) = parsed.ok().flatten().expect("HEAD is a head");
            assert_eq!(length, HEAD.len());
            assert_eq!(request.path(), "/updates");
            assert_eq!(request.query("since"), Some("0"));
            assert_eq!(request.query("until"), None);
            assert_eq!(request.header("hOST"), Some("server.example.com"));
        },
    );
}

/// A proxy is asked by the whole address, and a server must be able to read one (RFC 9112, section 3.2.2).
#[test]
fn a_target_may_be_a_whole_address() {
    coach(
        "`Request` is given. What you changed: `git diff lessons/01-polling/src/request.rs`.",
        || {
            let rows = [
                "/updates",
                "http://a/updates?since=3",
                "HTTP://a:80/",
                "http://a",
                "http://a?since=3",
                "/x://y/updates",
            ]
            .map(|target| {
                let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
                let parsed = Request::parse(head.as_bytes()).ok().flatten();
                let (request, _) = parsed.expect("a head");
                let since = request.query("since").unwrap_or("-");
                format!("{target:<26}{:<18}{since}", request.path())
            });
            assert_snapshot!(rows.join("\n"), @r"
            /updates                  /updates          -
            http://a/updates?since=3  /updates          3
            HTTP://a:80/              /                 -
            http://a                  /                 -
            http://a?since=3          /                 3
            /x://y/updates            /x://y/updates    -
            ");
        },
    );
}
