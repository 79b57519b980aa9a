//! What is new, or that nothing is.

use super::*;

#[test]
fn answers_with_what_is_new_to_the_reader() {
    coach("200, and a line for each update after `since`.", || {
        clue(
            "1 kick-off",
            "The reader has number 1 already: `feed.since` leaves it out.",
        );
        let feed = feed(&["kick-off", "goal", "half-time"]);
        assert_snapshot!(answer(&polling::short_poll(&feed, 1)), @r"200 2 goal\n3 half-time\n");
    });
}

#[test]
fn answers_a_new_reader_with_everything() {
    coach(
        "A reader with nothing says 0, and gets all updates.",
        || {
            let feed = feed(&["kick-off", "goal"]);
            let answer = answer(&polling::short_poll(&feed, 0));
            assert_snapshot!(answer, @r"200 1 kick-off\n2 goal\n");
        },
    );
}

/// The feed keeps a thousand updates. After that, its first is no longer number 1.
#[test]
fn goes_by_the_numbers_and_not_by_the_places() {
    coach(
        "`feed.since(since)` knows which are new, also when the oldest are gone.",
        || {
            let feed = feed(&["shot"; 1500]);
            assert_snapshot!(answer(&polling::short_poll(&feed, 1499)), @r"200 1500 shot\n");
        },
    );
}

/// 'Nothing new' is an answer, and not an error.
#[test]
fn answers_204_when_nothing_is_new() {
    coach("Nothing new is 204: an answer without a body.", || {
        clue(
            "200",
            "An empty 200 works too, but it costs two more headers. Answer 204.",
        );
        clue(
            "404",
            "Nothing new is not an error: the feed exists. Answer 204.",
        );
        assert_snapshot!(answer(&polling::short_poll(&feed(&["kick-off"]), 1)), @"204 ");
    });
}

/// A header in two lines is another header, or an error: who adds which must be clear.
#[test]
fn leaves_the_other_headers_to_those_who_add_them() {
    coach(
        "`Response::text` brings Content-Type. A poll adds nothing to it.",
        || {
            clue(
                "204: [Content-Type]",
                "A 204 has no body, so it has no type either: `Response::new(204)`.",
            );
            clue(
                "Cache-Control",
                "`serve` adds Cache-Control to each answer. With yours there are two.",
            );
            clue(
                "Connection",
                "`serve` adds Connection where the connection closes.",
            );
            clue(
                "Content-Length",
                "`to_bytes` adds Content-Length. With yours there are two.",
            );
            let headers = |since| {
                let response = polling::short_poll(&feed(&["kick-off"]), since);
                let names = response.headers.iter().map(|(name, _)| name.as_str());
                format!(
                    "{}: [{}]",
                    response.status,
                    names.collect::<Vec<_>>().join(", ")
                )
            };
            assert_snapshot!(format!("{}\n{}", headers(0), headers(1)), @r"
            200: [Content-Type]
            204: []
            ");
        },
    );
}

/// Its number is from an earlier run of the server, perhaps. Nothing is greater, so nothing is new.
#[test]
fn has_nothing_for_a_reader_who_is_ahead() {
    coach(
        "An update is new if its number is greater than `since`.",
        || {
            assert_snapshot!(answer(&polling::short_poll(&feed(&["kick-off"]), 5)), @"204 ");
        },
    );
}
