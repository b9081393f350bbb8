using System.Diagnostics;
using System.Globalization;

namespace NixStore.Bench.Catalogs;

/// <summary>Prints the time that something took, and the most memory of the process while it ran: anonymous, and with mapped files.</summary>
internal sealed class Phase : IDisposable
{
    private readonly string _name;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Timer _timer;
    private long _anonymous;
    private long _all;
    private bool _ended;

    internal Phase(string name)
    {
        _name = name;
        _timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }

    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            var seconds = _watch.Elapsed.TotalSeconds;
            _timer.Dispose();
            Look();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_name}: {seconds:0.0} s, anonymous memory {_anonymous >> 10:N0} MiB, resident {_all >> 10:N0} MiB"));
        }
    }

    private void Look()
    {
        var status = File.ReadAllLines("/proc/self/status");
        _anonymous = Math.Max(_anonymous, KibibytesOf(status, "RssAnon:"));
        _all = Math.Max(_all, KibibytesOf(status, "VmRSS:"));
    }

    private static long KibibytesOf(string[] status, string name)
        => long.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
