using System.Diagnostics;

namespace NixStore.Caches.Tests.Support;

/// <summary>A real nginx that serves a directory, on loopback.</summary>
internal sealed class Nginx : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Process _process;

    private Nginx(string root)
    {
        // Between its choice and its use somebody else may take the port.
        Process? started;
        int port;
        do
        {
            port = FreePorts.Choose();
            started = Start(root, port);
        }
        while (started is null);

        _process = started;
        Url = $"http://127.0.0.1:{port}";
    }

    public string Url { get; }

    /// <summary>Serves a directory; skips the test, visibly, when there is no nginx.</summary>
    public static Nginx Serve(string root)
    {
        Skip.If(Find() is null, "NGINX MISSING: install nginx-light");
        return new Nginx(root);
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _directory.Dispose();
    }

    private static string? Find() => Array.Find(["/usr/sbin/nginx", "/usr/bin/nginx"], File.Exists);

    /// <summary>Starts it; null when the port is somebody else's.</summary>
    private Process? Start(string root, int port)
    {
        File.Delete(_directory / "error.log");
        File.WriteAllText(_directory / "nginx.conf", $$"""
            daemon off; worker_processes 1; user {{Environment.UserName}}; pid {{_directory / "pid"}}; error_log {{_directory / "error.log"}};
            events { worker_connections 256; }
            http {
              access_log off; gzip on; gzip_types text/plain; gzip_min_length 100; default_type text/plain;
              client_body_temp_path {{_directory / "a"}}; proxy_temp_path {{_directory / "b"}}; fastcgi_temp_path {{_directory / "c"}};
              uwsgi_temp_path {{_directory / "d"}}; scgi_temp_path {{_directory / "e"}};
              server { listen 127.0.0.1:{{port}}; root {{root}}; }
            }
            """);
        var process = Process.Start(Find()!, ["-c", _directory / "nginx.conf", "-e", _directory / "error.log"]);

        // It listens before it writes down its number.
        while (!File.Exists(_directory / "pid"))
        {
            if (process.HasExited)
            {
                process.Dispose();
                var log = File.Exists(_directory / "error.log") ? File.ReadAllText(_directory / "error.log") : "nginx ended.";
                return log.Contains("Address already in use", StringComparison.Ordinal) ? null : throw new InvalidOperationException(log);
            }

            Thread.Sleep(20);
        }

        return process;
    }
}
