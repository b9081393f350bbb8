using NixStore.Engine.Repair;

namespace NixStore.Engine.Healing;

/// <summary>How a database is healed.</summary>
public sealed record HealingOptions
{
    /// <summary>Make every row anew from the files, as if there were no database at all.</summary>
    public bool Rebuild { get; init; }

    /// <summary>
    /// Read the contents of all paths for references that the database has lost without a trace (NIX-ON-DAMAGE, case g3), and not only of
    /// those whose rows are in doubt.
    /// </summary>
    public bool CheckContents { get; init; }

    /// <summary>Where to ask for what the files do not tell, and who is believed.</summary>
    public RepairOptions Repair { get; init; } = new();

    /// <summary>
    /// A backup of the database, whose rows count as far as they agree with the files: they have the signatures, the times and the marks of
    /// local builds that files do not tell, and the hashes of what is missing. Null for none.
    /// </summary>
    public string? Backup { get; init; }

    /// <summary>How many paths are read at once.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
