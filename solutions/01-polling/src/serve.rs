//! One connection from its first request to its end.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Connection, Feed, Request, Response, events, keeps_alive, long_poll, short_poll};

/// Answers one request after another, until one side has had enough. An error is the last answer.
pub async fn serve<S>(stream: S, feed: Feed) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut connection = Connection::new(stream);
    loop {
        let (response, more) = match connection.read_head().await {
            Ok(None) => break,
            Ok(Some(request)) => match answer(&request, &feed).await {
                Answer::Once(response) => (response, keeps_alive(&request)),
                Answer::Events { since } => return events::send(connection, &feed, since).await,
            },
            Err(error) => match error.response() {
                Some(response) => (response, false),
                None => break,
            },
        };
        if !more || response.status >= 400 {
            let last = response.with("Connection", "close");
            connection.write(&last).await?;
            break;
        }
        connection.write(&response).await?;
    }
    connection.close().await
}

enum Answer {
    /// One response.
    Once(Response),
    /// A response that does not end.
    Events { since: u64 },
}

async fn answer(request: &Request, feed: &Feed) -> Answer {
    if let Some(refusal) = refuse(request) {
        return Answer::Once(refusal);
    }
    let since = request.query("since").and_then(|n| n.parse().ok());
    let response = match (request.path(), since) {
        ("/events", _) => {
            // A browser sends this header when it connects again.
            let id = request.header("Last-Event-ID");
            let since = id.and_then(|id| id.parse().ok()).unwrap_or(0);
            return Answer::Events { since };
        }
        (_, None) => Response::text(400, "since=N: the number of the last update you have\n"),
        ("/updates/wait", Some(since)) => long_poll(feed, since).await,
        (_, Some(since)) => short_poll(feed, since),
    };
    // The answer holds for this moment only.
    Answer::Once(response.with("Cache-Control", "no-store"))
}

/// What is wrong with the request, whatever it asks for. Bodies are refused: nothing here reads one.
fn refuse(request: &Request) -> Option<Response> {
    let hosts = request.headers_named("Host").count();
    let refusal = match request.path() {
        _ if request.minor_version == 1 && hosts != 1 => {
            Response::text(400, "HTTP/1.1 wants one Host header\n")
        }
        "/updates" | "/updates/wait" | "/events" => match request.method.as_str() {
            "GET" if request.announces_body() => Response::text(413, "a GET has no body here\n"),
            "GET" => return None,
            _ => Response::text(405, "only GET\n").with("Allow", "GET"),
        },
        _ => Response::text(
            404,
            "try /updates?since=0, /updates/wait?since=0, /events\n",
        ),
    };
    Some(refusal)
}
