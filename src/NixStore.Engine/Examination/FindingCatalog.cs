using static NixStore.StoreDatabaseFindingKind;

namespace NixStore.Engine.Examination;

/// <summary>How much each kind of finding matters, and what can be done about it.</summary>
internal static class FindingCatalog
{
    private const string KeepCopy = "Keep a copy of the directory db as it is, and run neither Nix nor a collection before it is mended";
    private const string Repair = "Repair-StoreDatabase mends it; run no collection before that.";

    internal static StoreFindingSeverity SeverityOf(StoreDatabaseFindingKind kind) => kind switch
    {
        LogPending or JournalModeWrong or PagesFree or ReserveMissing or FilesWithoutRow => StoreFindingSeverity.Information,
        SchemaMissing or SchemaTooOld or PageLost or DerivationUnreadable or ReferenceSuperfluous or ContentsDiffer or LogDamaged
            or JournalHot or CheckFailed => StoreFindingSeverity.Warning,
        _ => StoreFindingSeverity.Error,
    };

    internal static string? RemedyOf(StoreDatabaseFindingKind kind) => kind switch
    {
        DatabaseMissing or DatabaseEmpty => $"{KeepCopy}: Nix would start an empty database, and its next collection delete all paths. "
            + "Restore a backup, or have Repair-StoreDatabase -Rebuild make a new one from the files.",
        DatabaseUnreadable or DatabaseTruncated or PageDamaged => $"{KeepCopy}. Restore a backup, or have Repair-StoreDatabase save what can be read.",
        SchemaMissing => "Nix writes it anew when it next opens the store.",
        SchemaDamaged => "No Nix opens the store. When the tables are in order, write the two characters 10, without a line feed, into the file schema.",
        SchemaTooOld => "Nix brings it up to date when it next opens the store for writing.",
        SchemaTooNew => "Update NixStore, or use the Nix that made the store.",
        PageLost => "Repair-StoreDatabase writes the file anew without them; other findings tell whether rows were lost with them.",
        IndexMismatch => "Repair-StoreDatabase, or SQLite's reindex, makes it anew from its table. Run no collection before that: Nix would delete paths that it does not find.",
        RowWithoutFiles => "Repair-StorePath brings it back where it can.",
        FilesWithoutRow => "A collection removes it. If it is needed, have it registered first: Repair-StoreDatabase.",
        PathsForgotten => $"{KeepCopy}: a collection would delete all that has no row. Restore a backup, or have Repair-StoreDatabase register what is there.",
        StoreDirectoryEmpty => "Mount the file system with the store. Do not run nix-store --verify: it would drop every row.",
        DerivationUnreadable => "Repair-StorePath brings it back where it can.",
        SizeWrong => "Repair-StorePath puts the row right.",
        ContentsDiffer => "Repair-StorePath finds out which of the two is right, and mends the other.",
        LogPending => "Nothing needs to be done: whoever next opens the database takes it in. Keep the log with the database when copying it.",
        LogDamaged => "SQLite takes in what is whole. Look for files without a row: what they are may have been in the rest.",
        JournalHot => "Whoever next opens the database rolls the change back. Keep the journal with the database when copying it.",
        JournalModeWrong => "Nix sets it when it next opens the store, unless it was told use-sqlite-wal = false.",
        PagesFree => "Repair-StoreDatabase gives the space back when it is worth it.",
        ReserveMissing => "Nix makes it when it next opens the store and there is room.",
        CheckFailed => null,
        _ => Repair,
    };
}
