using System.Globalization;

namespace NixStore.Interop.Tests.Kills;

/// <summary>Counts what became of the runs, for whoever wants figures: output/TestResults/kills.txt.</summary>
internal sealed class KillReport(string what)
{
    /// <summary>A long run says in between how far it is; should it be stopped, that much is proved.</summary>
    private const int Between = 50;

    private int _runs;
    private int _exact;

    /// <summary>Runs that were killed before their end.</summary>
    internal int Killed { get; private set; }

    /// <summary>Counts a run after which everything was proved.</summary>
    internal void Add(bool killed, bool exactly)
    {
        _runs++;
        Killed += killed ? 1 : 0;
        _exact += exactly ? 1 : 0;
        if (_runs % Between == 0)
        {
            Write();
        }
    }

    internal void Write()
    {
        var directory = Directory.CreateDirectory($"{SourceTree.Root}/output/TestResults").FullName;
        File.AppendAllText($"{directory}/kills.txt", string.Create(CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:u} {what}: {_runs} runs, {Killed} killed, {_exact} of them exactly where intended; after each, nothing was worse, and Nix and we finished\n"));
    }
}
