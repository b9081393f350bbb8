namespace NixStore;

/// <summary>What restoring a backup does to a path.</summary>
public enum StoreDatabaseChangeKind
{
    /// <summary>Its row is in the backup only, and its files are there: it is registered again.</summary>
    Returned,
    /// <summary>It was registered after the backup was made; its row is taken over from the database that is replaced.</summary>
    TakenOver,
    /// <summary>Its row is in the backup, but its files are gone and nothing that is there refers to it: the row does not come back.</summary>
    Dropped,
    /// <summary>Its files are gone, but what is there refers to it: the row stays, for Repair-StorePath to bring the files back.</summary>
    Missing,
    /// <summary>It was registered after the backup was made, and its row cannot be taken over: what the row said is lost.</summary>
    Lost,
    /// <summary>Its files are there without a row, before and after.</summary>
    Unregistered,
}

/// <summary>What restoring a backup does to one path.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">Full logical path.</param>
/// <param name="Reason">Why; null where <paramref name="Kind"/> says it all.</param>
public sealed record StoreDatabaseChange(StoreDatabaseChangeKind Kind, string Path, string? Reason = null)
{
    /// <inheritdoc/>
    public override string ToString() => Reason is null ? $"{Path}: {Kind}" : $"{Path}: {Kind}, {Reason}";
}
