namespace NixStore;

/// <summary>What can be wrong with a store's database.</summary>
public enum StoreDatabaseFindingKind
{
    /// <summary>There is no database file.</summary>
    DatabaseMissing,
    /// <summary>The file is empty, or has none of a store's tables.</summary>
    DatabaseEmpty,
    /// <summary>SQLite takes the file for no database, or cannot read which tables it has.</summary>
    DatabaseUnreadable,
    /// <summary>The file ends before the last of its pages.</summary>
    DatabaseTruncated,
    /// <summary>The file <c>schema</c> is missing.</summary>
    SchemaMissing,
    /// <summary>The file <c>schema</c> holds no number.</summary>
    SchemaDamaged,
    /// <summary>The store is of an older schema.</summary>
    SchemaTooOld,
    /// <summary>The store is of a newer schema than this product knows.</summary>
    SchemaTooNew,
    /// <summary>A table, column, index or trigger of the schema is missing.</summary>
    ObjectMissing,
    /// <summary>Pages of a table, or the list of free pages, are damaged.</summary>
    PageDamaged,
    /// <summary>Pages belong to nothing: their space, or what once was in them, is lost.</summary>
    PageLost,
    /// <summary>An index does not say what its table says.</summary>
    IndexMismatch,
    /// <summary>A row of <c>Refs</c> names a row of <c>ValidPaths</c> that does not exist.</summary>
    ReferenceDangling,
    /// <summary>A row of <c>DerivationOutputs</c> belongs to a row of <c>ValidPaths</c> that does not exist.</summary>
    OutputDangling,
    /// <summary>A row of another table refers to a row that does not exist.</summary>
    ForeignKeyBroken,
    /// <summary>A column holds what it must not.</summary>
    ColumnMalformed,
    /// <summary>Several rows stand for one thing.</summary>
    RowDuplicate,
    /// <summary>A registered path is not on disk.</summary>
    RowWithoutFiles,
    /// <summary>Something in the store directory has no row.</summary>
    FilesWithoutRow,
    /// <summary>The database knows so few of the paths in the store directory that it has lost the others.</summary>
    PathsForgotten,
    /// <summary>Not one registered path is in the store directory: it is empty, or not mounted.</summary>
    StoreDirectoryEmpty,
    /// <summary>A .drv file cannot be parsed, or does not have the contents that its name demands.</summary>
    DerivationUnreadable,
    /// <summary>An output that a .drv file names is not in <c>DerivationOutputs</c>.</summary>
    OutputMissing,
    /// <summary>A row of <c>DerivationOutputs</c> contradicts the .drv file.</summary>
    OutputWrong,
    /// <summary>A reference that a .drv file or the contents prove is not in <c>Refs</c>.</summary>
    ReferenceMissing,
    /// <summary>A row of <c>Refs</c> that the .drv file disproves.</summary>
    ReferenceSuperfluous,
    /// <summary>Content address and references of a row do not give its path.</summary>
    ContentAddressMismatch,
    /// <summary>Paths refer to each other in a circle.</summary>
    ReferenceCycle,
    /// <summary>The contents have the registered hash, but another size than is registered.</summary>
    SizeWrong,
    /// <summary>The contents have another hash than is registered: one of the two is wrong.</summary>
    ContentsDiffer,
    /// <summary>Changes wait in the write-ahead log of a database that nobody has open.</summary>
    LogPending,
    /// <summary>The write-ahead log is torn or damaged.</summary>
    LogDamaged,
    /// <summary>A rollback journal was left by a crash in the midst of a change.</summary>
    JournalHot,
    /// <summary>The database does not use a write-ahead log.</summary>
    JournalModeWrong,
    /// <summary>A good part of the file is free pages.</summary>
    PagesFree,
    /// <summary>The file <c>reserved</c>, which lets Nix collect on a full disk, is missing.</summary>
    ReserveMissing,
    /// <summary>A check could not be made, or not to its end.</summary>
    CheckFailed,
}
