using System.Diagnostics;

namespace NixStore.Engine.Tests.Laboratory;

/// <summary>
/// Another process (Python's sqlite3) that holds a database open and runs SQL on it, one statement a line: a running Nix, as far as the
/// database sees it. Like Nix it uses a WAL and does not checkpoint after each transaction.
/// </summary>
public sealed class ForeignDatabase : IDisposable
{
    private const string Program = """
        import sqlite3, sys
        c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0.2)
        c.execute('pragma wal_autocheckpoint = 0')
        for line in sys.stdin:
            try:
                print(repr(c.execute(line).fetchall()), flush=True)
            except sqlite3.Error as error:
                print('error:', error, flush=True)
        """;

    private readonly Process _process;

    private ForeignDatabase(Process process) => _process = process;

    public static ForeignDatabase Open(string path)
    {
        Skip.IfNot(Command.Exists("python3"), "TOOLS MISSING: python3 plays the other process");
        return new ForeignDatabase(Command.Start("python3", ["-c", Program, path]));
    }

    /// <summary>Runs statements and is killed: what they wrote stays in the log.</summary>
    public static void RunAndKill(string path, params string[] statements)
    {
        using var database = Open(path);
        foreach (var statement in statements)
        {
            database.Execute(statement);
        }

        database.Kill();
    }

    /// <summary>Runs a statement; gives the rows as Python prints them, or <c>error: …</c>.</summary>
    public string Ask(string sql)
    {
        _process.StandardInput.WriteLine(sql);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(_process.StandardError.ReadToEnd());
    }

    /// <summary>Runs a statement that must succeed.</summary>
    public void Execute(string sql) => Assert.DoesNotContain("error", Ask(sql), StringComparison.Ordinal);

    /// <summary>SIGKILL: what is in the log stays there.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
