namespace NixStore.Engine.Examination;

/// <summary>
/// One family of checks. What it cannot read it raises; it then counts as not made, and the others go on. It believes no index, since a lost
/// one hides rows: tables are read from front to back.
/// </summary>
internal interface IDatabaseCheck
{
    /// <summary>What is checked, in a few words for people.</summary>
    string Subject { get; }

    /// <summary>Looks, and gives what it finds.</summary>
    /// <exception cref="NixStoreException">It could not be made, or not to its end.</exception>
    /// <exception cref="OperationCanceledException"/>
    IEnumerable<StoreDatabaseFinding> Run(ExaminedStore examined);
}
