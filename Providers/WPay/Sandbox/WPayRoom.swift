/// The sandbox is built in this room.
enum WPayRoom {}
